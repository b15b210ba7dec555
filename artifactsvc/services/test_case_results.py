"""Test case results: make, find, list, change, delete."""

from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from artifactsvc.exceptions import ConflictError, NotFoundError, ValidationError
from artifactsvc.filestore import FileTransaction
from artifactsvc.identifiers import new_id
from artifactsvc.models import Artifact, TestCaseResult
from artifactsvc.models.meta import utc_now
from artifactsvc.services import audit
from artifactsvc.services.audit import Actor
from artifactsvc.services.integrity import is_taken, names_what_is_missing
from artifactsvc.services.paging import Page, fetch_page

RESULTS = TestCaseResult.__table__
_SELECT = select(*RESULTS.c)
_FIND = _SELECT.where(RESULTS.c.id == bindparam("id"))
LOCK = select(RESULTS.c.id).where(RESULTS.c.id == bindparam("result_id")).with_for_update(key_share=True)
_LOCK_OUT = select(RESULTS.c.id).where(RESULTS.c.id == bindparam("id")).with_for_update()
_INSERT = insert(RESULTS)


def find_result(db: Connection, result_id: str) -> Any:
    """The row, or None."""
    return db.execute(_FIND, {"id": result_id}).one_or_none()


def lock_result(dbsession: Session, result_id: str) -> None:
    """Make others that write steps of this result, or link to them, wait until this transaction ends. Raises NotFoundError.

    Uploads that link nothing do not wait. On SQLite every writing transaction does so from its first statement on.
    """
    if dbsession.execute(LOCK, {"result_id": result_id}).one_or_none() is None:
        raise NotFoundError("Test case result not found")


def list_results(db: Connection, page: int, per_page: int, **filters: Any) -> Page:
    """Newest first. `filters`: column -> value, None for any."""
    query = _SELECT.order_by(RESULTS.c.created_at.desc(), RESULTS.c.id.desc())
    for column, value in filters.items():
        if value is not None:
            query = query.where(RESULTS.c[column] == value)
    return fetch_page(db, query, page, per_page)


def create_result(dbsession: Session, values: dict[str, Any]) -> dict[str, Any]:
    """Returns the columns of the new result.

    Raises ConflictError when the id the client chose is taken, ValidationError for a run that is not there.
    """
    row = {**values, "id": values.get("id") or new_id(), "full_name": values.get("full_name") or values["name"], "created_at": utc_now()}
    try:
        dbsession.execute(_INSERT, row)
    except IntegrityError as error:
        raise _explain(error) from None
    return row


def update_result(dbsession: Session, result_id: str, changes: dict[str, Any]) -> Any:
    """Returns the row after the change. Raises NotFoundError, or ValidationError for a run that is not there."""
    if changes:
        try:
            dbsession.execute(update(RESULTS).where(RESULTS.c.id == result_id), changes)
        except IntegrityError as error:
            raise _explain(error) from None
    row = dbsession.execute(_FIND, {"id": result_id}).one_or_none()
    if row is None:
        raise NotFoundError("Test case result not found")
    return row


def _explain(error: IntegrityError) -> Exception:
    if names_what_is_missing(error):
        message = "names no test run"
        return ValidationError(f"test_run_id: {message}", {"test_run_id": message})
    return ConflictError("A test case result with this id already exists") if is_taken(error) else error


def delete_result(dbsession: Session, files: FileTransaction, actor: Actor, result: Any) -> None:
    """Delete a result, a row of `find_result`, with its steps and artifacts; the files go once the rows are gone."""
    result_id = result.id
    dbsession.execute(_LOCK_OUT, {"id": result_id})  # an upload that came first is seen below, a later one is told 404
    paths = dbsession.scalars(select(Artifact.storage_path).where(Artifact.test_case_result_id == result_id)).all()
    dbsession.execute(delete(RESULTS).where(RESULTS.c.id == result_id))
    audit.record(dbsession, actor, "test case result deleted", f"{result_id} {result.name!r}, {len(paths)} artifacts")
    for path in paths:
        files.remove(path)
