"""What a crash can leave behind, and what a disk can lose.

A crash leaves files without rows, never rows without files. Both directions are looked at here, by command; the service
itself removes nothing.
"""

import hashlib
import os
import time
from collections.abc import Iterator
from typing import Any, NamedTuple

from sqlalchemy import Engine, func, select

from artifactsvc.exceptions import NotFoundError, SettingsError
from artifactsvc.filestore import FileStore
from artifactsvc.filestore.staged import remove_quietly
from artifactsvc.models import Artifact
from artifactsvc.models.engines import Engines
from artifactsvc.services import idempotency

CHUNK = 500  # paths asked for at once


class Swept(NamedTuple):
    orphans: list[str]  # published files without a row, below the root
    staged: int
    keys: int
    stuck: list[str]  # orphans and staged files that could not be removed


def sweep(engines: Engines, store: FileStore, older_than: int, *, idempotency_hours: int, dry_run: bool = False, force: bool = False) -> Swept:
    """Remove staged files, files without a row and expired idempotency keys.

    Parameters: `older_than`, seconds: younger files may belong to an upload that is under way; `dry_run` only looks; `force`
    removes even when most files would go.
    Raises SettingsError when more files would go than stay: that is a wrong database, not a crash.
    """
    before = time.time() - older_than
    staged = [path for path, found in store.walk_staging() if found.st_mtime <= before]
    orphans = list(_orphans(engines.read, store, before))
    with engines.read.connect() as db:
        known = db.scalar(select(func.count()).select_from(Artifact.__table__)) or 0
    if len(orphans) > max(known, 100) and not (force or dry_run):
        raise SettingsError(f"{len(orphans)} files would go and the database knows {known}: is it the right one? Look with --dry-run, or use --force")
    keys, stuck = 0, []
    if not dry_run:
        stuck = [path for path in staged if not remove_quietly(path)]
        staged = [path for path in staged if path not in stuck]
        left = {path for path in orphans if not store.remove(path)}
        orphans = [path for path in orphans if path not in left]
        stuck.extend(sorted(left))
        with engines.write.begin() as db:
            keys = idempotency.forget_expired(db, idempotency_hours)
    return Swept(orphans, len(staged), keys, stuck)


def _orphans(engine: Engine, store: FileStore, before: float) -> Iterator[str]:
    old: list[str] = []
    for path, found in store.walk():
        if found.st_ctime <= before:  # the time of the link: a file is staged long before it is published
            old.append(path)
        if len(old) >= CHUNK:
            yield from _without_row(engine, old)
            old.clear()
    yield from _without_row(engine, old)


def _without_row(engine: Engine, paths: list[str]) -> Iterator[str]:
    with engine.connect() as db:
        known = set(db.scalars(select(Artifact.storage_path).where(Artifact.storage_path.in_(paths))))
    yield from (path for path in paths if path not in known)


def check(engine: Engine, store: FileStore, deep: bool = False) -> Iterator[tuple[Any, str | None]]:
    """Every artifact with what is wrong with its file: `missing`, `size differs`, `content differs`, or None."""
    last = ""
    while True:
        query = select(Artifact.id, Artifact.storage_path, Artifact.file_size, Artifact.checksum).order_by(Artifact.id).limit(CHUNK)
        with engine.connect() as db:
            rows = db.execute(query.where(Artifact.id > last) if last else query).all()
        for row in rows:
            yield row, _problem(store, row, deep)
        if len(rows) < CHUNK:
            return
        last = rows[-1].id


def _problem(store: FileStore, row: Any, deep: bool) -> str | None:
    try:
        with store.open(row.storage_path) as file:
            if os.fstat(file.fileno()).st_size != row.file_size:
                return "size differs"
            if deep and hashlib.file_digest(file, "sha256").hexdigest() != row.checksum:
                return "content differs"
    except NotFoundError:
        return "missing"
    return None
