"""How large a picture is, from its first bytes: nothing is decoded, and no image library is loaded."""

import struct
from typing import Any

# media type -> Pillow's name, for those of which thumbnails are made
FORMATS = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}
_JPEG_SEGMENTS = 1000  # that are passed over in search of the size


def picture_size(file: Any, media_type: str) -> tuple[int, int] | None:
    """Width and height in pixels, None where they cannot be found. Leaves `file` wherever it was read to."""
    file.seek(0)
    head = file.read(30)
    try:
        if media_type == "image/png" and head[12:16] == b"IHDR":
            return struct.unpack(">II", head[16:24])
        if media_type == "image/gif" and head[:4] == b"GIF8":
            return struct.unpack("<HH", head[6:10])
        if media_type == "image/webp" and head[8:12] == b"WEBP":
            return _webp_size(head)
        if media_type == "image/jpeg" and head[:2] == b"\xff\xd8":
            return _jpeg_size(file)
    except (struct.error, IndexError):
        pass
    return None


def _webp_size(head: bytes) -> tuple[int, int] | None:
    if head[12:16] == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    if head[12:16] == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if head[12:16] == b"VP8 ":
        width, height = struct.unpack("<HH", head[26:30])
        return width & 0x3FFF, height & 0x3FFF
    return None


def _jpeg_size(file: Any) -> tuple[int, int] | None:
    """Of the first frame header (ITU-T T.81, B.2.2)."""
    at = 2
    for _ in range(_JPEG_SEGMENTS):
        file.seek(at)
        segment = file.read(9)
        if segment[0] != 0xFF:
            return None
        if segment[1] == 0xFF:  # fill byte
            at += 1
        elif 0xC0 <= segment[1] <= 0xCF and segment[1] not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", segment[5:9])
            return width, height
        else:
            at += 2 + struct.unpack(">H", segment[2:4])[0]
    return None
