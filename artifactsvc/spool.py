"""A request body while it arrives: its pieces as the socket gave them, in a temporary file once there are too many.

waitress's own buffer copies each piece in and out again. A report of ten screenshots fits in memory, and its pieces go to the
multipart parser as they are.
"""

import io
import tempfile
from collections import deque
from typing import Any


class Spool:
    """What waitress expects of a body's buffer. Parameters: `limit`, the bytes that may stay in memory."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._size = 0
        self._pieces: deque[bytes] = deque()
        self._file: Any = None

    def __len__(self) -> int:
        return self._size

    def append(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._file is None and self._size > self._limit:
            self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by `close`
            self._file.writelines(self._pieces)
            self._pieces.clear()
        if self._file is None:
            self._pieces.append(piece)
        else:
            self._file.write(piece)

    def getfile(self) -> Any:
        """The body from its start, to be read once."""
        if self._file is None:
            return Pieces(self._pieces)
        self._file.seek(0)
        return self._file

    def close(self) -> None:
        self._pieces.clear()
        if self._file is not None:
            self._file.close()


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
