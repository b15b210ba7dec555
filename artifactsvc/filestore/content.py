"""What a file really is, and whether all of it is there; decided while its bytes stream past, holding none of them.

Each checker takes the bytes by `feed` in pieces of any size and says at `close` whether the file reads whole. Nothing
is decoded: no image library ever sees an upload (CVE-2021-22205 is what happens otherwise).
"""

import codecs
import re
import struct
import zlib
from typing import Any, Protocol

import ijson

from artifactsvc.exceptions import CorruptedFileError, UnsupportedTypeError
from artifactsvc.filestore.media_types import ARCHIVES, SNIFF_SIZE, UNDECLARED, sniff


class Checker(Protocol):
    """Looks at a file as it goes past; raises CorruptedFileError from either method."""

    def feed(self, data: bytes) -> None: ...

    def close(self) -> None: ...


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
                self._crc = zlib.crc32(piece, self._crc)
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
            self._crc = zlib.crc32(self._type)
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


class Pdf:
    """The header at the start, `%%EOF` in the last kilobyte (ISO 32000, 7.5; readers allow bytes after it)."""

    def __init__(self) -> None:
        self._tail = b""

    def feed(self, data: bytes) -> None:
        self._tail = (self._tail + data[-1024:])[-1024:]

    def close(self) -> None:
        if b"%%EOF" not in self._tail:
            raise CorruptedFileError


class Json:
    """Parses as one JSON value (RFC 8259); a byte order mark in front is allowed, as Windows tools write one."""

    def __init__(self) -> None:
        self._parser: Any = ijson.basic_parse_coro(_ignore())
        self._started = False

    def feed(self, data: bytes) -> None:
        if not self._started:
            data = data.removeprefix(codecs.BOM_UTF8)
            self._started = True
        self._run(self._parser.send, data)

    def close(self) -> None:
        self._run(self._parser.close)

    @staticmethod
    def _run(step: Any, *args: bytes) -> None:
        try:
            step(*args)
        except (ijson.JSONError, ValueError, SystemError, StopIteration):
            # ValueError and SystemError: a number of thousands of digits, which Python refuses to convert
            raise CorruptedFileError from None


@ijson.coroutine
def _ignore() -> Any:
    while True:
        yield


# for host names and source code; decoding the first two takes quadratic time
_NOT_FOR_FILES = frozenset({"idna", "punycode", "raw-unicode-escape", "undefined", "unicode-escape"})


class Text:
    """Decodes: as UTF-8, as UTF-16 when it starts with a byte order mark, or in the charset the client declared."""

    def __init__(self, charset: str | None = None) -> None:
        self._charset = charset
        self._decoder: codecs.IncrementalDecoder | None = None

    def feed(self, data: bytes) -> None:
        self._run(data, final=False)

    def close(self) -> None:
        self._run(b"", final=True)

    def _run(self, data: bytes, final: bool) -> None:
        if self._decoder is None:
            utf16 = data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
            self._decoder = _decoder("utf-16" if utf16 else self._charset)
        try:
            decoded = self._decoder.decode(data, final)
        except ValueError:
            raise CorruptedFileError from None
        if "\0" in decoded:
            raise CorruptedFileError


def _decoder(charset: str | None) -> codecs.IncrementalDecoder:
    try:
        info = codecs.lookup(charset or "utf-8")
        # hex, zip and their like are codecs too, and no character sets
        if info._is_text_encoding and info.name not in _NOT_FOR_FILES:  # type: ignore[attr-defined]
            return info.incrementaldecoder()
    except (LookupError, TypeError, ValueError):  # ValueError: NUL in the name
        pass
    return codecs.getincrementaldecoder("utf-8")()


class Anything:
    """For types without a structure we know: the signature, where there is one, was all there is to check."""

    def feed(self, data: bytes) -> None: ...

    def close(self) -> None: ...


_CHECKERS: dict[str, type[Checker]] = {
    "image/png": Png, "image/jpeg": Jpeg, "image/gif": Gif, "application/pdf": Pdf, "application/json": Json,
}  # fmt: skip
_SIGNED = frozenset({*_CHECKERS, "image/webp", "image/bmp", "application/zip", "application/gzip", "video/mp4", "video/webm"}) - {"application/json"}


class ContentCheck:
    """Finds out what a stream of bytes is, against what it was declared to be (decisions.md, 4 and 7).

    Parameters: `declared`, the MIME type the client claims; `allowed`, the types this installation takes; `charset`, what
    the client declared for a text, or None.
    """

    def __init__(self, declared: str, allowed: tuple[str, ...], charset: str | None = None) -> None:
        if declared not in allowed:
            raise not_allowed(allowed)
        self.media_type = declared
        self._allowed = allowed
        self._charset = charset
        self._head = b""
        self._checker: Checker | None = None

    def feed(self, data: bytes) -> None:
        if self._checker is None:
            self._head += data
            if len(self._head) < SNIFF_SIZE:
                return
            data = self._start()
        assert self._checker is not None
        self._checker.feed(data)

    def close(self) -> None:
        """Raises CorruptedFileError for what does not read whole, UnsupportedTypeError for what it may not be."""
        if self._checker is None:
            data = self._start()
            assert self._checker is not None
            self._checker.feed(data)
        self._checker.close()

    def _start(self) -> bytes:
        head, self._head = self._head, b""
        self.media_type = _judge(self.media_type, sniff(head), self._allowed)
        known = _CHECKERS.get(self.media_type)
        self._checker = known() if known else Text(self._charset) if _is_text(self.media_type) else Anything()
        return head


def _judge(declared: str, real: str | None, allowed: tuple[str, ...]) -> str:
    """The type to store the file under, from the one declared and the one its signature shows."""
    if real == declared or (real is None and declared not in _SIGNED):
        return declared
    if declared.startswith("image/"):
        if real is None or not real.startswith("image/"):
            raise CorruptedFileError
        if real not in allowed:
            raise not_allowed(allowed)
        return real
    opaque = declared not in _SIGNED and not _is_text(declared)
    if declared == UNDECLARED or (opaque and real in ARCHIVES):  # a .docx is a ZIP archive by its signature
        return declared
    if real is not None and real not in allowed:
        raise not_allowed(allowed)
    raise CorruptedFileError


def _is_text(media_type: str) -> bool:
    return media_type.startswith("text/") or media_type.endswith(("/xml", "+xml", "/json"))


def not_allowed(allowed: tuple[str, ...]) -> UnsupportedTypeError:
    return UnsupportedTypeError("File type not allowed. Allowed types: " + ", ".join(allowed))
