"""The steps of a test case result: upload, replace, read, link to a screenshot (contract endpoints 1, 2, 8)."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, exists, insert, select, update
from sqlalchemy.orm import Session

from artifactsvc.exceptions import ConflictError, NotFoundError, ValidationError
from artifactsvc.identifiers import new_id
from artifactsvc.models import Artifact, Step
from artifactsvc.models.meta import utc_now
from artifactsvc.services.artifacts import ARTIFACTS, list_all
from artifactsvc.services.test_case_results import LOCK, lock_result

STEPS = Step.__table__
_OF_RESULT = STEPS.c.test_case_result_id == bindparam("result_id")
_FIND = select(*STEPS.c).where(STEPS.c.id == bindparam("id"))
_LIST = select(*STEPS.c).where(_OF_RESULT).order_by(STEPS.c.step_number)
_ANY = select(STEPS.c.id).where(_OF_RESULT).limit(1)
_KEPT = (  # a screenshot that is gone comes as None
    select(STEPS.c.step_number, STEPS.c.id, STEPS.c.created_at, ARTIFACTS.c.id.label("screenshot_artifact_id"))
    .outerjoin(ARTIFACTS, ARTIFACTS.c.id == STEPS.c.screenshot_artifact_id)
    .where(_OF_RESULT)
)
_DELETE_ALL = delete(STEPS).where(_OF_RESULT)
_INSERT = insert(STEPS)
_LINK = (
    update(STEPS)
    .where(
        STEPS.c.id == bindparam("step_id"),
        exists().where(ARTIFACTS.c.id == bindparam("artifact_id"), ARTIFACTS.c.test_case_result_id == STEPS.c.test_case_result_id),
    )
    .values(screenshot_artifact_id=bindparam("artifact_id"))
)
# PostgreSQL: the same and `lock_result` in one. Having waited it does not see what was committed meanwhile: the lock of the artifact shows
# one that is gone, and a step that was replaced is not found
_LOCKED = LOCK.cte("locked")
_LINKED = (
    select(ARTIFACTS.c.id)
    .where(ARTIFACTS.c.id == bindparam("artifact_id"), ARTIFACTS.c.test_case_result_id == select(_LOCKED.c.id).scalar_subquery())
    .with_for_update(read=True, key_share=True)
    .cte("linked")
)
_LOCK_AND_LINK = (
    update(STEPS)
    .where(STEPS.c.id == bindparam("step_id"), STEPS.c.test_case_result_id == bindparam("result_id"), exists(select(_LINKED.c.id)))
    .values(screenshot_artifact_id=bindparam("artifact_id"))
)
_UNLINK = update(STEPS).where(STEPS.c.id == bindparam("step_id")).values(screenshot_artifact_id=None)
_OWNER = select(ARTIFACTS.c.test_case_result_id).where(ARTIFACTS.c.id == bindparam("id"))


class StepList(NamedTuple):
    """The steps of a result: `counts` by status over all of them, `steps` those asked for, `artifacts` None if not wanted."""

    counts: dict[str, int]
    steps: Sequence[Any]
    artifacts: Sequence[Any] | None


def find_step(db: Connection, step_id: str) -> Any:
    """The row, or None."""
    return db.execute(_FIND, {"id": step_id}).one_or_none()


def list_steps(db: Connection, result_id: str, status: str | None = None, include_artifacts: bool = True) -> StepList:
    """Ordered by number; `status` keeps those of one status, and never changes the counts."""
    counts: dict[str, int] = {}
    steps = db.execute(_LIST, {"result_id": result_id}).all()  # all of them: counted by another statement they may be others
    for step in steps:
        counts[step.status] = counts.get(step.status, 0) + 1
    if status is not None:
        steps = [step for step in steps if step.status == status]
    return StepList(counts, steps, list_all(db, result_id) if include_artifacts else None)


def create_steps(dbsession: Session, result_id: str, steps: list[dict[str, Any]]) -> list[str]:
    """Store the first set of steps. Returns their ids in the order given.

    Raises NotFoundError, ConflictError when there are steps already, ValidationError for a screenshot that is not an
    artifact of this result.
    """
    lock_result(dbsession, result_id)
    if dbsession.execute(_ANY, {"result_id": result_id}).one_or_none() is not None:
        raise ConflictError("Steps already exist for this test case. Use PUT to update.")
    _check_screenshots(dbsession, result_id, steps)
    return _insert(dbsession, result_id, steps)


def replace_steps(dbsession: Session, result_id: str, steps: list[dict[str, Any]]) -> list[str]:
    """Replace the whole set: a step whose number was there keeps its id and, unless the body names one, its screenshot.

    Returns the ids in the order given. Raises NotFoundError and ValidationError as `create_steps` does.
    """
    lock_result(dbsession, result_id)
    _check_screenshots(dbsession, result_id, steps)
    kept = {row.step_number: row for row in dbsession.execute(_KEPT, {"result_id": result_id})}
    dbsession.execute(_DELETE_ALL, {"result_id": result_id})
    for step in steps:
        old = kept.get(step["step_number"])
        if old is not None:
            step["id"], step["created_at"] = old.id, old.created_at
            step.setdefault("screenshot_artifact_id", old.screenshot_artifact_id)
    return _insert(dbsession, result_id, steps)


def _insert(dbsession: Session, result_id: str, steps: list[dict[str, Any]]) -> list[str]:
    now = utc_now()
    rows = [{"id": new_id(), "created_at": now, "screenshot_artifact_id": None, **step, "test_case_result_id": result_id} for step in steps]
    dbsession.execute(_INSERT, rows)
    return [row["id"] for row in rows]


def _check_screenshots(dbsession: Session, result_id: str, steps: list[dict[str, Any]]) -> None:
    named = {step["screenshot_artifact_id"] for step in steps if step.get("screenshot_artifact_id")}
    if not named:
        return
    known = set(dbsession.scalars(select(Artifact.id).where(Artifact.test_case_result_id == result_id)))
    errors = {
        f"steps.{index}.screenshot_artifact_id": "names no artifact of this test case result"
        for index, step in enumerate(steps)
        if step.get("screenshot_artifact_id") and step["screenshot_artifact_id"] not in known
    }
    for where, what in errors.items():
        raise ValidationError(f"{where}: {what}", errors)


def link_screenshot(dbsession: Session, step: Any, artifact_id: str | None) -> None:
    """Make an artifact the screenshot of `step`, a row of `find_step`; None takes it away.

    Raises NotFoundError when artifact or step are not there, ValidationError for an artifact of another test case.
    """
    if dbsession.get_bind().dialect.name == "postgresql":  # on SQLite the transaction has locked everything since it began
        ids = {"result_id": step.test_case_result_id, "step_id": step.id, "artifact_id": artifact_id}
        if artifact_id and dbsession.execute(_LOCK_AND_LINK, ids).rowcount:  # type: ignore[attr-defined]
            return
        lock_result(dbsession, step.test_case_result_id)
    if artifact_id is None:
        found = dbsession.execute(_UNLINK, {"step_id": step.id})
    else:
        found = dbsession.execute(_LINK, {"step_id": step.id, "artifact_id": artifact_id})
    if found.rowcount:  # type: ignore[attr-defined]
        return
    owner = dbsession.scalar(_OWNER, {"id": artifact_id}) if artifact_id else None
    if artifact_id and owner is None:
        raise NotFoundError("Artifact not found")
    if owner is not None and owner != step.test_case_result_id:
        message = "is an artifact of another test case"
        raise ValidationError(f"screenshot_artifact_id: {message}", {"screenshot_artifact_id": message})
    raise NotFoundError("Step not found")
