"""One test result as a person reads it: its steps at a glance, the one that is looked at, its files, its history."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, bindparam, case, func, or_, select

from artifactsvc.models import Artifact, Step, TestCaseResult

RESULTS, STEPS, ARTIFACTS = TestCaseResult.__table__, Step.__table__, Artifact.__table__
HISTORY = 50
_OUTLINE = (
    select(
        *(STEPS.c[name] for name in ("step_number", "step_type", "action", "status", "duration_ms", "screenshot_artifact_id")),
        case((STEPS.c.status == "Failed", func.substr(STEPS.c.error_message, 1, 200))).label("error_start"),
    )
    .where(STEPS.c.test_case_result_id == bindparam("result"))
    .order_by(STEPS.c.step_number)
)
_STEP = select(*STEPS.c).where(STEPS.c.test_case_result_id == bindparam("result"), STEPS.c.step_number == bindparam("number"))
_FILES = (
    select(
        *(ARTIFACTS.c[name] for name in ("id", "artifact_type", "artifact_category", "file_name", "file_size", "mime_type", "step_number")),
        *(ARTIFACTS.c[name] for name in ("iteration_number", "description", "captured_at", "uploaded_at")),
    )
    .where(ARTIFACTS.c.test_case_result_id == bindparam("result"))
    .order_by(ARTIFACTS.c.iteration_number, ARTIFACTS.c.step_number, ARTIFACTS.c.uploaded_at, ARTIFACTS.c.id)
)
_HISTORY = (
    select(RESULTS.c.id, RESULTS.c.status, RESULTS.c.duration_ms, RESULTS.c.created_at)
    .where(RESULTS.c.full_name == bindparam("full_name"))
    .order_by(RESULTS.c.created_at.desc(), RESULTS.c.id.desc())
    .limit(HISTORY)
)


class Report(NamedTuple):
    """A result's steps in outline, its files, and the last results of the same test, oldest first."""

    steps: Sequence[Any]
    files: Sequence[Any]
    history: Sequence[Any]


def read_report(db: Connection, result: Any) -> Report:
    """Three statements. Parameters: `result`, a row of `find_result`."""
    steps = db.execute(_OUTLINE, {"result": result.id}).all()
    files = db.execute(_FILES, {"result": result.id}).all()
    history = db.execute(_HISTORY, {"full_name": result.full_name}).all()
    return Report(steps, files, history[::-1])


def read_files(db: Connection, result_id: str) -> Sequence[Any]:
    """Every file of a result, by iteration and step."""
    return db.execute(_FILES, {"result": result_id}).all()


def find_step_by_number(db: Connection, result_id: str, number: int) -> Any:
    """The whole row, or None."""
    return db.execute(_STEP, {"result": result_id, "number": number}).one_or_none()


def neighbours(db: Connection, result: Any) -> tuple[str | None, str | None]:
    """The ids of the failed tests before and after this one in its run, as the run was made; None where there is none."""
    if result.test_run_id is None:
        return None, None
    failed = select(RESULTS.c.id).where(RESULTS.c.test_run_id == result.test_run_id, RESULTS.c.status == "Failed").limit(1)
    at, here = RESULTS.c.created_at, RESULTS.c.id
    before = failed.where(or_(at < result.created_at, and_(at == result.created_at, here < result.id))).order_by(at.desc(), here.desc())
    after = failed.where(or_(at > result.created_at, and_(at == result.created_at, here > result.id))).order_by(at, here)
    return db.scalar(before), db.scalar(after)


def last_passed_image(db: Connection, result: Any, step_number: int) -> Any:
    """What the same step looked like when the test passed last, before this result: id of the image and of that result, or None."""
    passed = (
        select(RESULTS.c.id)
        .where(RESULTS.c.full_name == result.full_name, RESULTS.c.status == "Passed", RESULTS.c.created_at < result.created_at)
        .order_by(RESULTS.c.created_at.desc(), RESULTS.c.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return db.execute(
        select(ARTIFACTS.c.id, ARTIFACTS.c.test_case_result_id, ARTIFACTS.c.file_name, ARTIFACTS.c.file_size)
        .where(ARTIFACTS.c.test_case_result_id == passed, ARTIFACTS.c.step_number == step_number, ARTIFACTS.c.mime_type.like("image/%"))
        .order_by(ARTIFACTS.c.artifact_category == "before", ARTIFACTS.c.uploaded_at.desc())
        .limit(1)
    ).one_or_none()
