#!/usr/bin/python3
"""embed.py IN.json OUT.c: the description as an array of characters, without its blanks."""
import json
import sys

with open(sys.argv[1], encoding="utf-8") as source:
    text = json.dumps(json.load(source), ensure_ascii=True, separators=(",", ":")).encode() + b"\0"
lines = [", ".join("%d" % octet for octet in text[at:at + 24]) for at in range(0, len(text), 24)]
with open(sys.argv[2], "w", encoding="utf-8") as out:
    out.write('#include "api/api.h"\n\nconst char api_openapi[] = {\n    %s};\n' % ",\n    ".join(lines))
