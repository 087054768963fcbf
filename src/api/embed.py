#!/usr/bin/python3
"""embed.py IN.json OUT.c: the description as a text of C, without its blanks."""
import json
import sys

text = json.dumps(json.load(open(sys.argv[1], encoding="utf-8")), ensure_ascii=True, separators=(",", ":"))
quoted = text.replace("\\", "\\\\").replace('"', '\\"')
pieces, at = [], 0
while at < len(quoted):
    end = min(at + 100, len(quoted))
    while quoted[end - 1] == "\\" and end < len(quoted):
        end += 1
    pieces.append('    "%s"' % quoted[at:end])
    at = end
with open(sys.argv[2], "w", encoding="utf-8") as out:
    out.write('#include "api/api.h"\n\nconst char api_openapi[] =\n%s;\n' % "\n".join(pieces))
