"""Empty files without a name, opened before they are needed."""

import contextlib
import os
import threading
import weakref
from collections import deque
from collections.abc import Callable
from typing import Any


class Reserve:
    """Files that another thread opens ahead of the uploads, on another core.

    A new inode may cost the kernel more than the bytes of a screenshot: ext4 without a journal passes over those that were deleted
    in the last minutes one by one. Nothing is left of the files when the process ends, however it ends.

    Parameters: `folder`, where they are; `submit`, of an executor; `size`, how many to keep.
    """

    def __init__(self, folder: str, submit: Callable[[Callable[[], None]], Any], size: int = 64) -> None:
        self._folder = folder
        self._submit = submit
        self._size = size
        self._files: deque[int] = deque()
        self._filling = threading.Lock()
        weakref.finalize(self, _close, self._files)

    def take(self) -> int:
        """A descriptor; the caller closes it. Raises OSError when there is none and none can be opened."""
        try:
            fd = self._files.popleft()
        except IndexError:
            fd = open_nameless(self._folder)
        if len(self._files) < self._size // 2 and self._filling.acquire(blocking=False):
            try:
                self._submit(self._fill)
            except BaseException:  # no thread could be started
                self._filling.release()
                os.close(fd)
                raise
        return fd

    def close(self) -> None:
        _close(self._files)

    def _fill(self) -> None:
        try:
            with contextlib.suppress(OSError):  # whoever takes the next one opens it, and hears why not
                while len(self._files) < self._size:
                    self._files.append(open_nameless(self._folder))
        finally:
            self._filling.release()


def open_nameless(folder: str) -> int:
    """An empty file in `folder`, open for writing, that goes when it is closed unless it gets a name (open(2), O_TMPFILE). Raises OSError."""
    return os.open(folder, os.O_WRONLY | os.O_TMPFILE | os.O_CLOEXEC, 0o640)


def _close(files: deque[int]) -> None:
    while files:
        os.close(files.pop())
