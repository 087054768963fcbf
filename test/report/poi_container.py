"""A zip container as RingCentral's writer (Apache POI, streaming) leaves it, byte for byte.

Local headers say version 45, flag bit 3, CRC and both sizes 0, DOS time and date 0; behind the data
stands a 24-byte descriptor (8-byte sizes) without a ZIP64 extra field; the central directory is right.
`sizes_in_local` writes them as Excel does after a re-save: sizes in the local header, a large extra
field, no descriptor. The other knobs break things, for tests of bad input.
"""
import struct
import zlib

LOCAL, CENTRAL, END = b"PK\3\4", b"PK\1\2", b"PK\5\6"
DESCRIPTOR, END64, LOCATOR64 = b"PK\7\x08", b"PK\6\6", b"PK\6\7"


def deflate(data):
    packer = zlib.compressobj(6, zlib.DEFLATED, -15)
    return packer.compress(data) + packer.flush()


def write(parts, *, sizes_in_local=False, stored=(), wrong_crc=None, encrypted=False, method=None,
          lying_size=None, overlap=None, truncate=None, comment=b"", zip64=False, disk=0):
    """Bytes of a container with `parts`, a list of (name, bytes). Knobs:

    stored       names of parts kept without compression
    wrong_crc    name of a part whose CRC is wrong in the central directory
    encrypted    True, or the name of one part: the flag that says so
    method       {name: number}: says another method than 8
    lying_size   {name: size}: the central directory's inflated size
    overlap      (a, b): the directory entry of a points at the data of b
    truncate     keep only this many bytes (int) or this share of them (float)
    comment      behind the end of the directory
    zip64        sizes and offsets of the directory in ZIP64 fields
    disk         number of the disk in the end record
    """
    out, entries = bytearray(), []
    for name, data in parts:
        raw = name.encode("utf-8") if isinstance(name, str) else name
        kind = 0 if name in stored else 8
        packed = data if kind == 0 else deflate(data)
        crc = zlib.crc32(data)
        flags = 0 if sizes_in_local else 0x0008
        if encrypted is True or encrypted == name:
            flags |= 1
        if method and name in method:
            kind = method[name]
        offset = len(out)
        if sizes_in_local:
            extra = struct.pack("<HH", 0xA220, 512) + bytes(512)
            out += struct.pack("<4s5H3I2H", LOCAL, 20, flags, kind, 0, 0x21, crc, len(packed), len(data),
                               len(raw), len(extra)) + raw + extra + packed
        else:
            out += struct.pack("<4s5H3I2H", LOCAL, 45, flags, kind, 0, 0, 0, 0, 0, len(raw), 0)
            out += raw + packed + struct.pack("<4sIQQ", DESCRIPTOR, crc, len(packed), len(data))
        if wrong_crc == name:
            crc ^= 0xFF
        size = (lying_size or {}).get(name, len(data))
        entries.append([raw, flags, kind, crc, len(packed), size, offset, name])
    if overlap:
        places = {entry[7]: entry for entry in entries}
        places[overlap[0]][3:7] = places[overlap[1]][3:7]
    start = len(out)
    for raw, flags, kind, crc, packed_size, size, offset, _ in entries:
        extra = b""
        sizes = (packed_size, size, offset)
        if zip64 or max(sizes) > 0xFFFFFFFE:
            extra = struct.pack("<HHQQQ", 1, 24, size, packed_size, offset)
            sizes = (0xFFFFFFFF,) * 3
        stamp = (0, 0x21) if sizes_in_local else (0, 0)
        out += struct.pack("<4s6H3I5H2I", CENTRAL, 45, 45, flags, kind, *stamp, crc, sizes[0], sizes[1],
                           len(raw), len(extra), 0, 0, 0, 0, sizes[2]) + raw + extra
    length = len(out) - start
    count = len(entries)
    if zip64:
        place = len(out)
        out += struct.pack("<4sQHHIIQQQQ", END64, 44, 45, 45, 0, 0, count, count, length, start)
        out += struct.pack("<4sIQI", LOCATOR64, 0, place, 1)
        count, length, start = 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF
    out += struct.pack("<4s4H2IH", END, disk, disk, count, count, length, start, len(comment)) + comment
    if isinstance(truncate, float):
        truncate = int(len(out) * truncate)
    return bytes(out if truncate is None else out[:truncate])
