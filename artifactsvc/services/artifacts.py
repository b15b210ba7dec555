"""Artifacts: store one or a batch, find, list, delete (contract endpoints 3 to 7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Text, bindparam, cast, delete, func, literal_column, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from artifactsvc.exceptions import NotFoundError
from artifactsvc.filestore import FileTransaction, StagedFile
from artifactsvc.filestore.media_types import extension
from artifactsvc.identifiers import new_id
from artifactsvc.models import Artifact, Step
from artifactsvc.services import audit
from artifactsvc.services.audit import Actor
from artifactsvc.services.integrity import names_what_is_missing
from artifactsvc.services.paging import Page, fetch_page
from artifactsvc.services.test_case_results import lock_result

ARTIFACTS = Artifact.__table__
_STEPS = Step.__table__
_FIND = select(*ARTIFACTS.c).where(ARTIFACTS.c.id == bindparam("id"))
_LIST = select(*ARTIFACTS.c).order_by(ARTIFACTS.c.uploaded_at, ARTIFACTS.c.id)
_LIST_ALL = _LIST.where(ARTIFACTS.c.test_case_result_id == bindparam("result_id"))
_OLDEST_FIRST = (ARTIFACTS.c.uploaded_at, ARTIFACTS.c.id)
_PLACES = (
    select(
        ARTIFACTS.c.id,
        func.row_number().over(order_by=_OLDEST_FIRST).label("number"),
        func.count().over().label("total"),
        func.lag(ARTIFACTS.c.id).over(order_by=_OLDEST_FIRST).label("previous"),
        func.lead(ARTIFACTS.c.id).over(order_by=_OLDEST_FIRST).label("next"),
    )
    .where(ARTIFACTS.c.test_case_result_id == bindparam("result_id"))
    .subquery()
)
_PLACE = select(*_PLACES.c).where(_PLACES.c.id == bindparam("id"))
# these tell which rows went in: a path that another row has is passed by, which costs no savepoint
_INSERT_SQLITE = sqlite.insert(ARTIFACTS).on_conflict_do_nothing(index_elements=[ARTIFACTS.c.storage_path]).returning(ARTIFACTS.c.id)
# all rows are one parameter: making a statement for each number of rows takes a tenth of a batch's time
_ROWS = func.json_populate_recordset(
    literal_column("NULL::test_artifacts"),
    cast(bindparam("rows", type_=Text()), postgresql.JSON),
).table_valued(*ARTIFACTS.c.keys())
_INSERT_POSTGRESQL = (
    postgresql.insert(ARTIFACTS)
    .from_select(ARTIFACTS.c.keys(), select(*_ROWS.c))
    .on_conflict_do_nothing(index_elements=[ARTIFACTS.c.storage_path])
    .returning(ARTIFACTS.c.id)
)
_LINK = update(_STEPS).where(_STEPS.c.id == bindparam("step_id")).values(screenshot_artifact_id=bindparam("artifact_id"))


@dataclass
class Upload:
    """One file that was received and found good: where it is staged, its names, and its validated metadata."""

    staged: StagedFile
    file_name: str
    media_type: str
    metadata: dict[str, Any]


@dataclass
class Stored:
    """An artifact that was stored: its columns, and the step it became the screenshot of, where one was asked for."""

    row: dict[str, Any]
    wants_step: bool = False
    linked_step_id: str | None = None


def find_artifact(db: Connection, artifact_id: str) -> Any:
    """The row, or None."""
    return db.execute(_FIND, {"id": artifact_id}).one_or_none()


def find_place(db: Connection, artifact: Any) -> Any:
    """Where an artifact stands among those of its result, oldest first: `number` of `total`, the ids `previous` and `next` or None."""
    return db.execute(_PLACE, {"result_id": artifact.test_case_result_id, "id": artifact.id}).one_or_none()


def list_all(db: Connection, result_id: str) -> Sequence[Any]:
    """Every artifact of a result, oldest first."""
    return db.execute(_LIST_ALL, {"result_id": result_id}).all()


def list_artifacts(db: Connection, result_id: str, page: int, per_page: int, **filters: Any) -> Page:
    """Oldest first. `filters`: column -> value, None for any."""
    query = _LIST.where(ARTIFACTS.c.test_case_result_id == result_id)
    for column, value in filters.items():
        if value is not None:
            query = query.where(ARTIFACTS.c[column] == value)
    return fetch_page(db, query, page, per_page)


def store_artifacts(dbsession: Session, files: FileTransaction, result_id: str, uploads: list[Upload]) -> list[Stored]:
    """Publish the files and insert their rows, all or none.

    The files are on the disk before the first statement: nobody waits for a lock while a disk turns.
    Raises NotFoundError when the result is gone, StorageFullError, UnavailableError.
    """
    now = datetime.now(UTC)
    stored = [Stored(_publish(files, result_id, upload, now), wants_step=upload.metadata["link_to_step"]) for upload in uploads]
    files.sync()
    for item, upload in zip(stored, uploads, strict=True):
        item.row["checksum"] = upload.staged.checksum  # hashed while it was written, by other threads
    try:
        _insert(dbsession, files, stored)
    except IntegrityError as error:
        if names_what_is_missing(error):
            raise NotFoundError("Test case result not found") from None
        raise
    _link_to_steps(dbsession, result_id, [item for item in stored if item.wants_step])
    return stored


def _insert(dbsession: Session, files: FileTransaction, stored: list[Stored]) -> None:
    """Insert the rows. Where a name is free on the disk only because the file of an earlier row was lost, the next one is taken."""
    db = dbsession.connection()
    while stored:
        rows = [item.row for item in stored]
        if db.dialect.name == "postgresql":
            inserted = set(db.scalars(_INSERT_POSTGRESQL, {"rows": orjson.dumps(rows).decode()}))
        else:
            inserted = set(db.scalars(_INSERT_SQLITE, rows))
        stored = [item for item in stored if item.row["id"] not in inserted]
        for item in stored:
            item.row["storage_path"] = files.publish_again(item.row["storage_path"])
        files.sync()


def _publish(files: FileTransaction, result_id: str, upload: Upload, now: datetime) -> dict[str, Any]:
    metadata = upload.metadata
    folder = f"{now:%Y/%m/%d}/{result_id}"
    if metadata["iteration_number"] > 1:
        folder += f"/iteration_{metadata['iteration_number']:03d}"
    number, category = metadata["step_number"], metadata["artifact_category"]
    stem = (metadata["artifact_type"] if number is None else f"step_{number:03d}") + (f"_{category}" if category else "")
    path = files.publish(upload.staged, folder, stem, extension(upload.media_type))
    return {
        "id": new_id(),
        "test_case_result_id": result_id,
        "artifact_type": metadata["artifact_type"],
        "file_name": upload.file_name,
        "file_size": upload.staged.size,
        "mime_type": upload.media_type,
        "storage_path": path,
        "step_number": number,
        "iteration_number": metadata["iteration_number"],
        "artifact_category": category,
        "description": metadata["description"],
        "captured_at": metadata["captured_at"],
        "uploaded_at": now,
        "created_at": now,
    }


def _link_to_steps(dbsession: Session, result_id: str, wanted: list[Stored]) -> None:
    """Make each artifact the screenshot of the step with its number, where there is one."""
    numbers = {item.row["step_number"] for item in wanted if item.row["step_number"] is not None}
    if not numbers:
        return
    lock_result(dbsession, result_id)
    query = select(_STEPS.c.step_number, _STEPS.c.id).where(_STEPS.c.test_case_result_id == result_id, _STEPS.c.step_number.in_(numbers))
    steps: dict[int, str] = dict(dbsession.execute(query).all())
    links = {}
    for item in wanted:
        item.linked_step_id = steps.get(item.row["step_number"])
        if item.linked_step_id:
            links[item.linked_step_id] = item.row["id"]  # of several for one step the last one counts
    if links:
        rows = [{"step_id": step_id, "artifact_id": artifact_id} for step_id, artifact_id in sorted(links.items())]
        dbsession.connection().execute(_LINK, rows)


def delete_artifact(dbsession: Session, files: FileTransaction, actor: Actor, artifact: Any) -> None:
    """Delete an artifact, a row of `find_artifact`; a step that shows it shows none then. The file goes after the row.

    Raises NotFoundError when its result is gone.
    """
    lock_result(dbsession, artifact.test_case_result_id)
    dbsession.execute(
        update(_STEPS)
        .where(_STEPS.c.test_case_result_id == artifact.test_case_result_id, _STEPS.c.screenshot_artifact_id == artifact.id)
        .values(screenshot_artifact_id=None)
    )
    dbsession.execute(delete(ARTIFACTS).where(ARTIFACTS.c.id == artifact.id))
    audit.record(dbsession, actor, "artifact deleted", f"{artifact.id} {artifact.file_name!r}")
    files.remove(artifact.storage_path)
