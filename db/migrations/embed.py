#!/usr/bin/env python3
"""Writes the migrations of one dialect as a C file: embed.py DIALECT OUTPUT NNNN_name.sql...

As numbers and not as string literals, whose length ISO C limits to 4095.
"""
import pathlib
import re
import sys


def main():
    dialect, output, *paths = sys.argv[1:]
    texts, entries = [], []
    for number, path in enumerate(sorted(map(pathlib.Path, paths), key=lambda p: p.name), 1):
        match = re.fullmatch(r"(\d{4})_([a-z0-9_]+)\.sql", path.name)
        if not match or int(match[1]) != number:
            sys.exit(f"{path}: expected {number:04d}_name.sql")
        data = path.read_bytes()
        if b"\0" in data or not data.isascii():
            sys.exit(f"{path}: must be ASCII")
        numbers = ", ".join(map(str, data + b"\0"))
        texts.append(f"static const char text_{number}[] = {{{numbers}}};\n")
        entries.append(f'    {{{number}, "{match[2]}", text_{number}}},\n')
    pathlib.Path(output).write_text(
        '#include "db/migrate.h"\n\n'
        + "".join(texts)
        + f"\nconst struct migration migrations_{dialect}[] = {{\n"
        + "".join(entries)
        + f"}};\nconst size_t migrations_{dialect}_count = {len(entries)};\n"
    )


main()
