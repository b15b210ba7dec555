"""Images, checked to their end marker without decoding a pixel; see `formats.py` for what a checker is."""

import re
import struct

from zlib_ng import zlib_ng

from artifactsvc.exceptions import CorruptedFileError


class Png:
    """Every chunk has its CRC, the first is IHDR, there is image data, and IEND ends it (PNG specification, 5)."""

    def __init__(self) -> None:
        self._buffer = b""  # an incomplete signature, chunk header or CRC
        self._state = "signature"
        self._left = self._crc = 0
        self._type = b""
        self._seen: set[bytes] = set()

    def feed(self, data: bytes) -> None:
        view = memoryview(data)
        while view and self._state != "end":
            if self._state == "body":
                piece = view[: self._left]
                self._crc = zlib_ng.crc32(piece, self._crc)
                self._left -= len(piece)
                view = view[len(piece) :]
                if not self._left:
                    self._state = "crc"
                continue
            need = 4 if self._state == "crc" else 8
            take = need - len(self._buffer)
            self._buffer += bytes(view[:take])
            view = view[take:]
            if len(self._buffer) == need:
                fixed, self._buffer = self._buffer, b""
                self._advance(fixed)

    def _advance(self, fixed: bytes) -> None:
        if self._state == "crc":
            if struct.unpack(">I", fixed)[0] != self._crc:
                raise CorruptedFileError
            self._seen.add(self._type)
            self._state = "end" if self._type == b"IEND" else "header"
        elif self._state == "signature":
            self._state = "header"
        else:
            self._left, self._type = struct.unpack(">I4s", fixed)
            if not self._seen and (self._type, self._left) != (b"IHDR", 13):
                raise CorruptedFileError
            self._crc = zlib_ng.crc32(self._type)
            self._state = "body" if self._left else "crc"

    def close(self) -> None:
        if self._state != "end" or b"IDAT" not in self._seen:
            raise CorruptedFileError


class Jpeg:
    """Segments, then scans, up to the EOI marker (ITU-T T.81, B.1)."""

    _MARKER_IN_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")

    def __init__(self) -> None:
        self._buffer = b""
        self._skip = 0
        self._in_scan = self._scanned = self._ended = False

    def feed(self, data: bytes) -> None:
        data = self._buffer + data if self._buffer else data
        self._buffer = b""
        at = 0
        while not self._ended and at < len(data):
            if self._skip:
                step = min(self._skip, len(data) - at)
                self._skip -= step
                at += step
            elif self._in_scan:
                match = self._MARKER_IN_SCAN.search(data, at)
                if match is None:
                    self._buffer = data[-1:] if data.endswith(b"\xff") else b""
                    return
                at, self._in_scan = match.start(), False
            elif len(data) - at < 4 and data[at : at + 2] != b"\xff\xd9":
                self._buffer = data[at:]
                return
            else:
                at = self._segment(data, at)

    def _segment(self, data: bytes, at: int) -> int:
        if data[at] != 0xFF:
            raise CorruptedFileError
        marker = data[at + 1]
        if marker == 0xFF:  # fill byte
            return at + 1
        if marker == 0xD9:
            self._ended = True
            return at + 2
        if marker in (0xD8, 0x01):
            return at + 2
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if length < 2 or marker < 0xC0:
            raise CorruptedFileError
        if marker == 0xDA:
            self._in_scan = self._scanned = True
        self._skip = length
        return at + 2

    def close(self) -> None:
        if not (self._ended and self._scanned):
            raise CorruptedFileError


class Gif:
    """Blocks and their sub-blocks up to the trailer; at least one image (GIF89a specification)."""

    def __init__(self) -> None:
        self._buffer = b""
        self._skip = 0
        self._state = "screen"
        self._images = 0

    def feed(self, data: bytes) -> None:
        data = self._buffer + data if self._buffer else data
        self._buffer = b""
        at, size = 0, len(data)
        while self._state != "end" and at < size:
            if self._skip:
                step = min(self._skip, size - at)
                self._skip -= step
                at += step
            elif self._state == "data":
                # the one loop over every 255 bytes of a picture, so it stays in local variables
                while at < size and data[at] and at + data[at] < size:
                    at += data[at] + 1
                if at < size:
                    self._skip = data[at] + 1
                    self._state = "data" if data[at] else "block"
            else:
                need = {"screen": 13, "image": 10, "lzw": 1}.get(self._state, 2 if data[at] == 0x21 else 1)
                if size - at < need:
                    self._buffer = data[at:]
                    return
                at = self._header(data, at, need)

    def _header(self, data: bytes, at: int, need: int) -> int:
        if self._state == "screen":
            self._skip = _color_table(data[at + 10])
            self._state = "block"
        elif self._state == "image":
            self._skip = _color_table(data[at + 9])
            self._state = "lzw"
        elif self._state == "lzw":
            self._images += 1
            self._state = "data"
        elif data[at] == 0x3B:
            self._state = "end"
        elif data[at] == 0x2C:
            self._state = "image"
            return at
        elif data[at] == 0x21:
            self._state = "data"
        else:
            raise CorruptedFileError
        return at + need

    def close(self) -> None:
        if self._state != "end" or not self._images:
            raise CorruptedFileError


def _color_table(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0
