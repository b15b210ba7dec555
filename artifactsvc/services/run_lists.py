"""The list of runs with what came of each, and the results of one run."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, and_, bindparam, exists, func, or_, select

from artifactsvc.identifiers import parse_id
from artifactsvc.models import TestCaseResult, TestRun

RUNS, RESULTS = TestRun.__table__, TestCaseResult.__table__
STATUSES = ("Failed", "Passed", "Skipped", "Pending")
_TOTALS = (
    select(
        RESULTS.c.test_run_id, RESULTS.c.status, func.count(), func.min(RESULTS.c.started_at), func.max(RESULTS.c.completed_at), func.sum(RESULTS.c.duration_ms)
    )
    .where(RESULTS.c.test_run_id.in_(bindparam("runs", expanding=True)))
    .group_by(RESULTS.c.test_run_id, RESULTS.c.status)
)
_LIGHT = (RESULTS.c.id, RESULTS.c.name, RESULTS.c.suite, RESULTS.c.status, RESULTS.c.duration_ms, RESULTS.c.created_at, RESULTS.c.error_type)
_OF_RUN = select(*_LIGHT, func.substr(RESULTS.c.error_message, 1, 500).label("error_message")).where(RESULTS.c.test_run_id == bindparam("run"))


class Totals:
    """How many results of each status a run has, and how long it took."""

    def __init__(self) -> None:
        self.counts = dict.fromkeys(STATUSES, 0)
        self.started_at: datetime | None = None
        self.completed_at: datetime | None = None
        self.work_ms = 0

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def add(self, status: str, count: int, started: datetime | None, completed: datetime | None, work_ms: int | None) -> None:
        self.counts[status] += count
        self.work_ms += int(work_ms or 0)
        if started and (self.started_at is None or started < self.started_at):
            self.started_at = started
        if completed and (self.completed_at is None or completed > self.completed_at):
            self.completed_at = completed

    def duration_ms(self, run: Any) -> int | None:
        """From the run's own times, or from the first to the last of its results; None when neither says."""
        start, end = run.started_at or self.started_at, run.completed_at or self.completed_at
        return int((end - start).total_seconds() * 1000) if start and end and end >= start else None


class RunList(NamedTuple):
    """Some runs, newest first, each with its totals; `after` leads to the next ones, None at the end."""

    rows: list[tuple[Any, Totals]]
    after: str | None


def position(row: Any) -> str:
    """Where a list goes on behind `row`: its place in the order, as text for a URL."""
    return f"{row.created_at.isoformat()}_{row.id}"


def read_position(text: str) -> tuple[datetime, str] | None:
    """What `position` wrote; None for anything else."""
    moment, _, row_id = text.partition("_")
    try:
        return datetime.fromisoformat(moment.replace(" ", "+")), parse_id(row_id) or ""
    except ValueError:
        return None


def _behind(query: Select[Any], table: Any, after: str | None) -> Select[Any]:
    place = read_position(after) if after else None
    if place is None or place[0].tzinfo is None or not place[1]:
        return query
    moment, row_id = place
    return query.where(or_(table.c.created_at < moment, and_(table.c.created_at == moment, table.c.id < row_id)))


def contains(column: Any, text: str) -> Any:
    """Whether a column contains `text`, in any case."""
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return column.ilike(f"%{escaped}%", escape="\\")


def list_runs(
    db: Connection,
    limit: int,
    after: str | None = None,
    *,
    project: str | None = None,
    branch: str | None = None,
    status: str | None = None,
    text: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> RunList:
    """Newest first, in two statements however deep.

    Parameters: `after`, of the list before; `status`, runs with a result of it; `text`, in name, branch, commit or environment;
    `since` and `until`, when the run was made.
    """
    query = select(*RUNS.c).order_by(RUNS.c.created_at.desc(), RUNS.c.id.desc()).limit(limit + 1)
    query = _behind(query, RUNS, after)
    if project:
        query = query.where(RUNS.c.project == project)
    if branch:
        query = query.where(RUNS.c.branch == branch)
    if status:
        query = query.where(exists().where(RESULTS.c.test_run_id == RUNS.c.id, RESULTS.c.status == status))
    if text:
        query = query.where(or_(*(contains(column, text) for column in (RUNS.c.name, RUNS.c.branch, RUNS.c.commit_sha, RUNS.c.environment))))
    if since:
        query = query.where(RUNS.c.created_at >= since)
    if until:
        query = query.where(RUNS.c.created_at < until)
    rows = db.execute(query).all()
    shown = rows[:limit]
    totals = find_totals(db, [row.id for row in shown])
    return RunList([(row, totals[row.id]) for row in shown], position(shown[-1]) if len(rows) > limit else None)


def find_totals(db: Connection, run_ids: list[str]) -> dict[str, Totals]:
    totals = {run_id: Totals() for run_id in run_ids}
    if run_ids:
        for run_id, *found in db.execute(_TOTALS, {"runs": run_ids}):
            totals[run_id].add(*found)
    return totals


def list_projects(db: Connection) -> list[str]:
    """The projects there are, by name."""
    return list(db.scalars(select(RUNS.c.project).where(RUNS.c.project.is_not(None)).distinct().order_by(RUNS.c.project).limit(200)))


def results_of_run(db: Connection, run_id: str) -> Sequence[Any]:
    """Every result of a run, without its long texts, in one statement."""
    return db.execute(_OF_RUN.order_by(RESULTS.c.created_at, RESULTS.c.id), {"run": run_id}).all()


def results_without_run(
    db: Connection, limit: int, after: str | None = None, status: str | None = None, text: str | None = None
) -> tuple[Sequence[Any], str | None]:
    """Newest first; the second value leads to the next ones."""
    light = select(*_LIGHT, func.substr(RESULTS.c.error_message, 1, 500).label("error_message")).where(RESULTS.c.test_run_id.is_(None))
    query: Any = _behind(light.order_by(RESULTS.c.created_at.desc(), RESULTS.c.id.desc()).limit(limit + 1), RESULTS, after)
    if status:
        query = query.where(RESULTS.c.status == status)
    if text:
        query = query.where(or_(contains(RESULTS.c.name, text), contains(RESULTS.c.suite, text)))
    rows = db.execute(query).all()
    return rows[:limit], position(rows[limit - 1]) if len(rows) > limit else None
