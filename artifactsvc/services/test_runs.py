"""Test runs: make, find, list, change, delete."""

from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from artifactsvc.exceptions import ConflictError, NotFoundError
from artifactsvc.filestore import FileTransaction
from artifactsvc.identifiers import new_id
from artifactsvc.models import Artifact, TestCaseResult, TestRun
from artifactsvc.models.meta import utc_now
from artifactsvc.services import audit
from artifactsvc.services.audit import Actor
from artifactsvc.services.paging import Page, fetch_page

RUNS = TestRun.__table__
_SELECT = select(*RUNS.c)
_FIND = _SELECT.where(RUNS.c.id == bindparam("id"))
_INSERT = insert(RUNS)


def find_run(db: Connection, run_id: str) -> Any:
    """The row, or None."""
    return db.execute(_FIND, {"id": run_id}).one_or_none()


def list_runs(db: Connection, page: int, per_page: int, **filters: Any) -> Page:
    """Newest first. `filters`: column -> value, None for any."""
    query = _SELECT.order_by(RUNS.c.created_at.desc(), RUNS.c.id.desc())
    for column, value in filters.items():
        if value is not None:
            query = query.where(RUNS.c[column] == value)
    return fetch_page(db, query, page, per_page)


def create_run(dbsession: Session, values: dict[str, Any]) -> dict[str, Any]:
    """Returns the columns of the new run. Raises ConflictError when the id the client chose is taken."""
    row = {**values, "id": values.get("id") or new_id(), "created_at": utc_now()}
    try:
        dbsession.execute(_INSERT, row)
    except IntegrityError:
        raise ConflictError("A test run with this id already exists") from None
    return row


def update_run(dbsession: Session, run_id: str, changes: dict[str, Any]) -> Any:
    """Returns the row after the change. Raises NotFoundError."""
    if changes:
        dbsession.execute(update(RUNS).where(RUNS.c.id == run_id), changes)
    row = dbsession.execute(_FIND, {"id": run_id}).one_or_none()
    if row is None:
        raise NotFoundError("Test run not found")
    return row


def delete_run(dbsession: Session, files: FileTransaction, actor: Actor, run: Any) -> None:
    """Delete a run, a row of `find_run`, with its results, their steps and artifacts; the files go once the rows are gone."""
    results = select(TestCaseResult.id).where(TestCaseResult.test_run_id == run.id)
    # an upload that came first is seen below, a later one is told 404
    dbsession.execute(select(RUNS.c.id).where(RUNS.c.id == run.id).with_for_update())
    dbsession.execute(results.order_by(TestCaseResult.id).with_for_update())
    paths = dbsession.scalars(select(Artifact.storage_path).where(Artifact.test_case_result_id.in_(results))).all()
    dbsession.execute(delete(RUNS).where(RUNS.c.id == run.id))
    audit.record(dbsession, actor, "test run deleted", f"{run.id} {run.name!r}, {len(paths)} artifacts")
    for path in paths:
        files.remove(path)
