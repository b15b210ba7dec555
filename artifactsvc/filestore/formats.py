"""What a checker is, and those for PDF, JSON and text; the images have theirs in `images.py`.

Each checker takes the bytes by `feed` in pieces of any size and says at `close` whether the file reads whole. Nothing is
decoded and no more than a header is held: no image library ever sees an upload (CVE-2021-22205 is what happens otherwise).
"""

import codecs
from typing import Any, Protocol

import ijson

from artifactsvc.exceptions import CorruptedFileError


class Checker(Protocol):
    """Looks at a file as it goes past; raises CorruptedFileError from either method."""

    def feed(self, data: bytes) -> None: ...

    def close(self) -> None: ...


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
        if data:  # no bytes mean the end to ijson
            self._run(self._parser.send, data)

    def close(self) -> None:
        self._run(self._parser.close)

    @staticmethod
    def _run(step: Any, *args: bytes) -> None:
        try:
            step(*args)
        except (ijson.JSONError, ValueError, ArithmeticError, SystemError, StopIteration):
            # a number of thousands of digits, or an exponent of twenty, is more than Python converts
            raise CorruptedFileError from None


@ijson.coroutine
def _ignore() -> Any:
    while True:
        yield


class Text:
    """Decodes: as UTF-8, or as UTF-16 when it starts with a byte order mark. Whatever charset the client declares, nobody keeps it."""

    def __init__(self) -> None:
        self._decoder: codecs.IncrementalDecoder | None = None

    def feed(self, data: bytes) -> None:
        self._run(data, final=False)

    def close(self) -> None:
        self._run(b"", final=True)

    def _run(self, data: bytes, final: bool) -> None:
        if self._decoder is None:
            utf16 = data[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
            self._decoder = codecs.getincrementaldecoder("utf-16" if utf16 else "utf-8")()
        try:
            decoded = self._decoder.decode(data, final)
        except ValueError:
            raise CorruptedFileError from None
        if "\0" in decoded:
            raise CorruptedFileError


class Anything:
    """For types without a structure we know: the signature, where there is one, was all there is to check."""

    def feed(self, data: bytes) -> None: ...

    def close(self) -> None: ...
