"""A file on its way in, and what the disk's errors mean."""

import errno
import hashlib
import os
from types import TracebackType
from typing import Self

from artifactsvc.exceptions import StorageFullError, UnavailableError

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_MOST_PIECES = 1024  # IOV_MAX of Linux


class disk_errors:  # noqa: N801 - reads as a statement: with disk_errors(): ...
    """Turns an OSError of the disk into a domain error: full -> StorageFullError, anything else -> UnavailableError."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if isinstance(error, OSError):
            if error.errno in _FULL:
                raise StorageFullError("The artifact storage is full; nothing was stored") from error
            raise UnavailableError("The artifact storage is not available; nothing was stored") from error


class StagedFile:
    """A file on its way in: counted, written and hashed, but not yet anybody's artifact.

    Up to `HELD` bytes wait in memory, so that `sync` can write and hash a screenshot in another thread.

    Parameters: `fd`, open for writing; `path`, its name, None for a file without one; `write_flags`, of pwritev2(2), with which the disk
    writes and fsyncs in one call; 0 where it cannot.
    """

    HELD = 2**20

    def __init__(self, fd: int, path: str | None, write_flags: int = 0) -> None:
        self.fd = fd
        self.path = path
        self._write_flags = write_flags
        self.size = 0
        self.held = 0
        self._pieces: list[bytes] = []
        self._hash = hashlib.sha256()

    def write(self, data: bytes) -> None:
        """Append; raises StorageFullError or UnavailableError, then or when it is written."""
        self._pieces.append(data)
        self.size += len(data)
        self.held += len(data)
        if self.held > self.HELD:
            self.flush()

    def flush(self) -> None:
        """Write and hash what waits in memory; raises as `write` does."""
        pieces = self._take()
        try:
            with disk_errors():
                self._append(pieces)
        finally:
            pieces.clear()  # or the traceback of an error would hold them

    @property
    def checksum(self) -> str:
        """SHA-256 of what was written so far, in hexadecimal."""
        self.flush()
        return self._hash.hexdigest()

    def sync(self) -> None:
        """Put the bytes on the disk. Not to be repeated after a failure: a second fsync may lie (reliability.md, 1)."""
        waits_whole = self.held == self.size
        pieces = self._take()
        try:
            with disk_errors():
                if not (waits_whole and self._write_through(pieces)):
                    self._append(pieces)
                    os.fsync(self.fd)
        finally:
            pieces.clear()  # or the traceback of an error would hold them

    def _take(self) -> list[bytes]:
        """What waits in memory, hashed. It does not wait any more."""
        pieces, self._pieces, self.held = self._pieces, [], 0
        for piece in pieces:
            self._hash.update(piece)
        return pieces

    def _append(self, pieces: list[bytes]) -> None:
        for piece in pieces:
            view = memoryview(piece)
            while view:
                # a disk that fills up first takes a part of the bytes, then none
                view = view[os.write(self.fd, view) :]

    def _write_through(self, pieces: list[bytes]) -> bool:
        """Write and fsync a whole file in one call: each call costs a fight for the interpreter lock.

        Returns whether it is done. Otherwise all is to be written as ever: this moves no file offset.
        """
        if not self._write_flags or not 0 < len(pieces) <= _MOST_PIECES:
            return False
        return os.pwritev(self.fd, pieces, 0, self._write_flags) == self.size

    def close(self) -> None:
        self._pieces, self.held = [], 0
        if self.fd >= 0:
            fd, self.fd = self.fd, -1
            os.close(fd)

    def discard(self) -> None:
        """Forget the file. Safe to call at any time, also after it was published."""
        self.close()
        self.forget_name()

    def forget_name(self) -> None:
        if self.path is not None:
            remove_quietly(self.path)
            self.path = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.discard()


def remove_quietly(path: str) -> bool:
    """Whether the file is gone."""
    try:
        os.unlink(path)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True
