"""Files on the local disk: stage, hash, publish under a name that was free, make durable, open, remove.

Layout below the root (contract, "File Storage Structure"):

    .tmp/                                           staging, on the same file system
    2026/11/22/<test case result id>/step_001_after.png

A staged file has no name where the file system can do without (O_TMPFILE): half the work for the kernel, and a crash leaves
nothing. Elsewhere (NFS) it is `.tmp/<uuid>.part`. A published file is never overwritten. `transaction.py` ties files to rows.
"""

import errno
import io
import os
import re
import stat
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from artifactsvc.exceptions import NotFoundError, SettingsError, UnavailableError
from artifactsvc.filestore.names import free_names
from artifactsvc.filestore.reserve import Reserve, open_nameless
from artifactsvc.filestore.staged import StagedFile, disk_errors, remove_quietly
from artifactsvc.filestore.workers import Job, Workers, wait_for
from artifactsvc.filestore.write_through import find_write_flags
from artifactsvc.identifiers import new_id

STAGING = ".tmp"
BATCHES = 4  # that are written at once, none waiting for the disk of another: as many as the server has threads
_SAFE_PATH = re.compile(r"[0-9]{4}/[0-9]{2}/[0-9]{2}/(?:[a-z0-9_-]+/){1,2}[a-z0-9_]+\.[a-z0-9]+")
_OPEN_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class FileStore:
    """The folder of all artifacts.

    Parameters: `root`, the folder, made when missing; `sync_threads`, how many files of one batch go to the disk at once.
    `write_flags`: those of pwritev2(2) by which a file in memory is written and made durable in one call; 0 where it takes two.
    Raises SettingsError when files could not be stored there.
    """

    def __init__(self, root: Path, sync_threads: int = 4) -> None:
        self.root = str(root)
        self.staging = os.path.join(self.root, STAGING)
        self._known: set[str] = set()  # folders whose own names are on the disk already
        self._sync_threads = sync_threads
        self._workers = Workers(BATCHES * sync_threads)
        self._nameless = hasattr(os, "O_TMPFILE")
        self._reserve = Reserve(self.staging, self._workers.submit)
        self.write_flags = 0
        self._prove()
        self.write_flags = find_write_flags(self.staging)

    def _prove(self) -> None:
        """Store and link a file for real: permissions, read-only mounts and odd file systems show at the start."""
        linked = os.path.join(self.staging, new_id() + ".linked")
        try:
            os.makedirs(self.staging, 0o750, exist_ok=True)
            if os.stat(self.staging).st_dev != os.stat(self.root).st_dev:
                raise SettingsError(f"setting artifact.storage_path: {self.root} and its {STAGING} folder must be on one file system")
            if self._nameless:
                try:
                    self._descriptors = os.open("/proc/self/fd", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
                    self._probe(StagedFile(open_nameless(self.staging), None), linked)
                    return
                except (OSError, UnavailableError):
                    self.use_names()  # this file system needs them
            self._probe(self._stage_named(), linked)
        except (OSError, UnavailableError) as error:
            cause = error if isinstance(error, OSError) else error.__cause__
            raise SettingsError(f"setting artifact.storage_path: cannot store files in {self.root}: {cause}") from None

    def use_names(self) -> None:
        """Stage under names, as file systems without O_TMPFILE need it."""
        self._nameless = False

    def _probe(self, probe: StagedFile, linked: str) -> None:
        with probe:
            probe.write(b"probe")
            probe.sync()
            self._link(probe, linked)
            os.unlink(linked)

    def close(self) -> None:
        """Close what was opened ahead. Nothing can be stored afterwards."""
        self._workers.close()
        self._reserve.close()

    def stage(self) -> StagedFile:
        """A new, empty file to write into. Whoever stages it discards it."""
        with disk_errors():
            return StagedFile(self._reserve.take(), None, self.write_flags) if self._nameless else self._stage_named()

    def _stage_named(self) -> StagedFile:
        path = os.path.join(self.staging, new_id() + ".part")
        return StagedFile(os.open(path, _OPEN_NEW, 0o640), path, self.write_flags)

    def publish(self, staged: StagedFile, folder: str, stem: str, extension: str, first: int = 1) -> str:
        """Give a staged file its final name; a name that is taken gets `_2`, `_3`, …; `first` is the number to begin with.

        Linking instead of renaming never overwrites, also between processes. The bytes are not written yet, or not durable: see `sync`.
        Returns: the path below the root.
        """
        directory = os.path.join(self.root, folder)
        with disk_errors():
            for name in free_names(directory, stem, extension, first):
                try:
                    self._place(staged, directory, name)
                except FileExistsError:
                    continue
                staged.forget_name()
                return f"{folder}/{name}"
        raise UnavailableError("No free file name")  # pragma: no cover - the names never end

    def _place(self, staged: StagedFile, directory: str, name: str) -> None:
        target = os.path.join(directory, name)
        for _ in range(3):  # the folder may go again right after it was made, with the last artifact of another request
            try:
                return self._link(staged, target)
            except FileNotFoundError:
                self._forget(directory)
                os.makedirs(directory, 0o750, exist_ok=True)
        return self._link(staged, target)

    def _link(self, staged: StagedFile, target: str) -> None:
        if staged.path is not None:
            os.link(staged.path, target)
        else:  # open(2), O_TMPFILE: the only way to name such a file without privileges
            os.link(str(staged.fd), target, src_dir_fd=self._descriptors, follow_symlinks=True)

    def sync(self, files: list[tuple[StagedFile, str]]) -> None:
        """Make published files durable: every file, and meanwhile every folder once, up to one that is known to be durable.

        Parameters: `files`, staged files with the paths that `publish` returned.
        """
        jobs = self._write([staged for staged, _ in files])
        try:
            with disk_errors():
                for leaf in dict.fromkeys(os.path.dirname(os.path.join(self.root, path)) for _, path in files):
                    sync_folder(leaf)
                    self._sync_parents(leaf)
        finally:
            wait_for(jobs)  # whatever happens: nobody may close a file that is still being written

    def sync_contents(self, files: list[StagedFile]) -> None:
        """Put the bytes of files on the disk."""
        wait_for(self._write(files))

    def _write(self, files: list[StagedFile]) -> list[Job]:
        """Have files written, hashed and made durable by workers, some at once."""
        shares = [files[start :: self._sync_threads] for start in range(min(self._sync_threads, len(files)))]
        return [self._workers.submit(partial(_sync_files, share)) for share in shares]

    def _sync_parents(self, leaf: str) -> None:
        if leaf in self._known:
            return
        folder = leaf
        while folder != self.root and folder not in self._known:
            folder = os.path.dirname(folder)
            sync_folder(folder)
        if len(self._known) > 10_000:
            self._known.clear()
        # the day is shared by every test case of the day, so its parents are walked once
        self._known.update((leaf, os.path.dirname(leaf)))

    def _forget(self, folder: str) -> None:
        """A folder was removed by another process, which removes those above it, too, where they are empty."""
        while folder != self.root:
            self._known.discard(folder)
            folder = os.path.dirname(folder)

    def open(self, path: str) -> io.FileIO:
        """Open a published file for reading.

        Raises NotFoundError for a path that could not be ours or has no regular file, UnavailableError when the disk fails.
        """
        full = self.locate(path)
        try:
            fd = os.open(full, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        except (FileNotFoundError, NotADirectoryError):
            raise NotFoundError("The file of this artifact is missing") from None
        except OSError as error:
            if error.errno == errno.ELOOP:
                raise NotFoundError("The file of this artifact is missing") from None
            raise UnavailableError("The artifact storage is not available") from error
        if not stat.S_ISREG(os.fstat(fd).st_mode):
            os.close(fd)
            raise NotFoundError("The file of this artifact is missing")
        return io.FileIO(fd)

    def locate(self, path: str) -> str:
        """The full path of a published file. Raises NotFoundError for a path this store never gives out."""
        if not _SAFE_PATH.fullmatch(path):
            raise NotFoundError("The file of this artifact is missing")
        return os.path.join(self.root, path)

    def remove(self, path: str) -> bool:
        """Remove a published file and the folders it leaves empty. Returns whether it is gone: a file left over is the sweep's."""
        gone = remove_quietly(self.locate(path))
        folder = os.path.dirname(os.path.join(self.root, path))
        while folder != self.root:
            self._known.discard(folder)
            try:
                os.rmdir(folder)
            except OSError:
                break
            folder = os.path.dirname(folder)
        return gone

    def walk(self) -> Iterator[tuple[str, os.stat_result]]:
        """Every published file: its path below the root, and its stat. What others put there is left alone."""
        for directory, folders, names in os.walk(self.root):
            if directory == self.root:
                folders[:] = [name for name in folders if not name.startswith(".")]
            for name in names:
                full = os.path.join(directory, name)
                path = os.path.relpath(full, self.root)
                if not _SAFE_PATH.fullmatch(path):
                    continue
                try:
                    yield path, os.stat(full, follow_symlinks=False)
                except FileNotFoundError:
                    continue

    def walk_staging(self) -> Iterator[tuple[str, os.stat_result]]:
        """Every staged file: its full path, and its stat."""
        for entry in os.scandir(self.staging):
            try:
                yield entry.path, entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue


def _sync_files(files: list[StagedFile]) -> None:
    for staged in files:
        staged.sync()


def sync_folder(path: str) -> None:
    """Put the names in a folder on the disk."""
    fd = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
