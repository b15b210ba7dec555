"""A request body while it arrives: its pieces as the socket gave them, in a temporary file once there are too many.

waitress's own buffer copies each piece in and out again. A report of ten screenshots fits in memory, and its pieces go to the
multipart parser as they are.
"""

import contextlib
import io
import tempfile
from collections import deque
from typing import Any, NoReturn

from artifactsvc.filestore.staged import disk_errors


class Spool:
    """What waitress expects of a body's buffer. Parameters: `limit`, the bytes that may stay in memory.

    A disk that fails is reported to whoever reads the body; the rest is received and forgotten, so that the client hears of it.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._pieces: deque[bytes] = deque()
        self._file: Any = None
        self._error: OSError | None = None

    def __len__(self) -> int:
        return self._size

    def append(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._error is not None:
            return
        try:
            if self._file is None and self._size > self._limit:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
                self._file.writelines(self._pieces)
                self._pieces.clear()
            if self._file is None:
                self._pieces.append(piece)
            else:
                self._file.write(piece)
        except OSError as error:
            self._error = error
            self.close()

    def getfile(self) -> Any:
        """The body from its start, to be read once."""
        if self._file is not None:
            try:
                self._file.seek(0)  # writes what is still in its buffer
            except OSError as error:
                self._error = error
        if self._error is not None:
            return Lost(self._error)
        return Pieces(self._pieces) if self._file is None else self._file

    def close(self) -> None:
        self._pieces.clear()
        if self._file is not None:
            with contextlib.suppress(OSError):  # the disk may be full still
                self._file.close()
            self._file = None


class Lost(io.RawIOBase):
    """A body that the disk did not take. Reading it raises StorageFullError or UnavailableError."""

    def __init__(self, error: OSError) -> None:
        self._error = error

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> NoReturn:
        with disk_errors():
            raise self._error
        raise AssertionError  # disk_errors raised

    read1 = read


class Pieces(io.RawIOBase):
    """Reads from a queue of byte strings, and forgets what was read."""

    def __init__(self, pieces: deque[bytes]) -> None:
        self._pieces = pieces

    def readable(self) -> bool:
        return True

    def read1(self, size: int = -1) -> bytes:
        """The next piece, or `size` bytes of it; empty at the end."""
        if not self._pieces:
            return b""
        piece = self._pieces.popleft()
        if 0 <= size < len(piece):
            self._pieces.appendleft(piece[size:])
            return piece[:size]
        return piece

    def read(self, size: int = -1) -> bytes:
        """`size` bytes, fewer only at the end; all of them without a size."""
        read = []
        while (size != 0) and (piece := self.read1(size)):
            read.append(piece)
            size -= len(piece) if size > 0 else 0
        return b"".join(read)

    def readinto(self, buffer: Any) -> int:
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
