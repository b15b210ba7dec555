"""Files that commit with the rows: a data manager for `request.tm` (docs/adr/0001).

The order of calls, with the session's data manager (sort key `~sqlalchemy:…`, which commits in its vote) after this one:

    tpc_begin  commit  tpc_vote: files durable  |  ~sqlalchemy tpc_vote: COMMIT  |  tpc_finish: deletions

Until our vote is done a failure takes every published file back. After it only the COMMIT is left, and a COMMIT that
raises may still have happened: then the files stay, and the sweep decides (`services/sweep.py`).
"""

import logging
from typing import Any

from artifactsvc.filestore.disk import FileStore
from artifactsvc.filestore.staged import StagedFile

log = logging.getLogger(__name__)

MOST_HELD = 2**22  # bytes of files that wait in memory; a request's body may be 500 MB


class FileTransaction:
    """What one transaction does to the store.

    Parameters: `store`; `manager`, the transaction manager of the request, in explicit mode.
    """

    def __init__(self, store: FileStore, manager: Any) -> None:
        self.store = store
        self.transaction_manager = manager
        self._joined = self._voted = False
        self._staged: list[StagedFile] = []
        self._published: dict[str, tuple[StagedFile, str, str, str]] = {}
        self._unsynced: list[tuple[StagedFile, str]] = []
        self._doomed: list[str] = []

    def stage(self) -> StagedFile:
        """A file to write into; it goes when the transaction ends, unless it was published before."""
        self._join()
        if sum(staged.held for staged in self._staged) > MOST_HELD:
            for held in self._staged:
                held.flush()
        staged = self.store.stage()
        self._staged.append(staged)
        return staged

    def publish(self, staged: StagedFile, folder: str, stem: str, extension: str, first: int = 1) -> str:
        """See `FileStore.publish`; undone when the transaction fails."""
        path = self.store.publish(staged, folder, stem, extension, first)
        self._published[path] = (staged, folder, stem, extension)
        self._unsynced.append((staged, path))
        return path

    def sync_staged(self) -> None:
        """Put the bytes of what was staged on the disk ahead of time; `sync` finds little left to do."""
        self.store.sync_contents([staged for staged in self._staged if staged.fd >= 0])

    def publish_again(self, path: str) -> str:
        """Move what was published as `path` to the next free name; returns that. For a name that is free here and taken by a row."""
        staged, folder, stem, extension = self._published.pop(path)
        number = int(path[len(f"{folder}/{stem}_") : -len(extension)] or 1)
        staged.path = self.store.locate(path)  # published from there, and then gone from there
        return self.publish(staged, folder, stem, extension, number + 1)

    def sync(self) -> None:
        """Make what was published durable. Called before the first row is written, so that no other writer waits for the disk."""
        if self._unsynced:
            self.store.sync(self._unsynced)
            self._unsynced.clear()

    def remove(self, path: str) -> None:
        """Remove a published file once the transaction has committed."""
        self._join()
        self._doomed.append(path)

    def _join(self) -> None:
        if not self._joined:
            self.transaction_manager.get().join(self)
            self._joined = True

    def sortKey(self) -> str:  # noqa: N802 - the protocol's name
        return f"artifactsvc.files:{id(self)}"

    def tpc_begin(self, transaction: Any) -> None: ...

    def commit(self, transaction: Any) -> None: ...

    def tpc_vote(self, transaction: Any) -> None:
        self.sync()
        self._voted = True

    def tpc_finish(self, transaction: Any) -> None:
        # the rows are committed: nothing in here may raise
        doomed, self._doomed = self._doomed, []
        self._published.clear()
        self._clear()
        for path in doomed:
            try:
                if not self.store.remove(path):
                    log.error("left for the sweep: %s", path)
            except Exception:
                log.exception("left for the sweep: %s", path)

    def abort(self, transaction: Any) -> None:
        published, self._published = list(self._published), {}
        if self._voted and published:
            log.error("a COMMIT failed and may have happened; %d files stay, first %s", len(published), published[0])
        else:
            for path in published:
                self.store.remove(path)
        self._doomed.clear()
        self._clear()

    # when COMMIT itself fails only this one is called
    tpc_abort = abort

    def _clear(self) -> None:
        for staged in self._staged:
            staged.discard()
        self._staged.clear()
        self._unsynced.clear()
