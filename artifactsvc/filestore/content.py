"""What a file really is, and whether all of it is there; decided while its bytes stream past, holding none of them."""

from artifactsvc.exceptions import CorruptedFileError, UnsupportedTypeError
from artifactsvc.filestore.formats import Anything, Checker, Json, Pdf, Text
from artifactsvc.filestore.images import Gif, Jpeg, Png
from artifactsvc.filestore.media_types import ARCHIVES, CONTAINERS, SNIFF_SIZE, UNDECLARED, sniff

_CHECKERS: dict[str, type[Checker]] = {
    "image/png": Png, "image/jpeg": Jpeg, "image/gif": Gif, "application/pdf": Pdf, "application/json": Json,
}  # fmt: skip
_SIGNED = frozenset({*_CHECKERS, "image/webp", "image/bmp", "application/zip", "application/gzip", *frozenset().union(*CONTAINERS.values())}) - {
    "application/json"
}


class ContentCheck:
    """Finds out what a stream of bytes is, against what it was declared to be (decisions.md, 4 and 7).

    Parameters: `declared`, the MIME type the client claims; `allowed`, the types this installation takes.
    """

    def __init__(self, declared: str, allowed: tuple[str, ...]) -> None:
        if declared not in allowed:
            raise not_allowed(allowed)
        self.media_type = declared
        self._allowed = allowed
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
        self._checker = known() if known else Text() if _is_text(self.media_type) else Anything()
        return head


def _judge(declared: str, real: str | None, allowed: tuple[str, ...]) -> str:
    """The type to store the file under, from the one declared and the one its signature shows."""
    if real == declared or declared in CONTAINERS.get(real or "", ()) or (real is None and declared not in _SIGNED):
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
