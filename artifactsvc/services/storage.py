"""What the store holds: artifacts by type, growth by month, biggest test cases, free space.

The figures take a pass over all artifacts, seconds where there are millions: they are kept for ten minutes and say when they
were made. The contract allows no index on test_artifacts that would save the pass.
"""

import shutil
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select, text

from artifactsvc.models import Artifact, TestCaseResult

KEPT = 600  # seconds
BIGGEST = 20
ARTIFACTS = Artifact.__table__
RESULTS = TestCaseResult.__table__
_SUMS = (func.count().label("artifacts"), func.sum(ARTIFACTS.c.file_size).label("size"))
_BIGGEST = (
    select(RESULTS.c.full_name, *_SUMS)
    .join(ARTIFACTS, ARTIFACTS.c.test_case_result_id == RESULTS.c.id)
    .group_by(RESULTS.c.full_name)
    .order_by(text("size DESC"), RESULTS.c.full_name)
    .limit(BIGGEST)
)


class Group(NamedTuple):
    """`name`: a type, a month (`2026-11`) or a test's full name; `size` in bytes."""

    name: str
    artifacts: int
    size: int


class Figures(NamedTuple):
    taken_at: datetime
    types: Sequence[Group]
    months: Sequence[Group]
    tests: Sequence[Group]

    @property
    def artifacts(self) -> int:
        return sum(group.artifacts for group in self.types)

    @property
    def size(self) -> int:
        return sum(group.size for group in self.types)


class Space(NamedTuple):
    """Bytes of the file system that the storage is on."""

    total: int
    used: int
    free: int


class Kept:
    """The figures of one application, made anew when they are asked for and too old; one request at a time makes them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._figures: Figures | None = None
        self._until = 0.0

    def get(self, db: Connection) -> Figures:
        with self._lock:
            if self._figures is None or time.monotonic() > self._until:
                self._figures = take_figures(db)
                self._until = time.monotonic() + KEPT
            return self._figures


def take_figures(db: Connection) -> Figures:
    """Two passes over the artifacts: one by type and month, one by test."""
    month: Any = func.to_char(ARTIFACTS.c.uploaded_at, "YYYY-MM") if db.dialect.name == "postgresql" else func.strftime("%Y-%m", ARTIFACTS.c.uploaded_at)
    types: dict[str, list[int]] = {}
    months: dict[str, list[int]] = {}
    for row in db.execute(select(ARTIFACTS.c.artifact_type, month.label("month"), *_SUMS).group_by(ARTIFACTS.c.artifact_type, text("month"))):
        for groups, name in ((types, row.artifact_type), (months, row.month)):
            sums = groups.setdefault(name, [0, 0])
            sums[0] += row.artifacts
            sums[1] += int(row.size)
    tests = [Group(row.full_name, row.artifacts, int(row.size)) for row in db.execute(_BIGGEST)]
    by_size = sorted((Group(name, sums[0], sums[1]) for name, sums in types.items()), key=lambda group: -group.size)
    return Figures(datetime.now(UTC), by_size, _without_gaps(months), tests)


def _without_gaps(months: dict[str, list[int]]) -> list[Group]:
    """Every month from the first to the last, empty ones too."""
    if not months:
        return []
    numbers = [int(name[:4]) * 12 + int(name[5:]) - 1 for name in months]
    names = [f"{number // 12:04d}-{number % 12 + 1:02d}" for number in range(min(numbers), max(numbers) + 1)]
    return [Group(name, *months.get(name, (0, 0))) for name in names]


def free_space(folder: str) -> Space:
    return Space(*shutil.disk_usage(folder))
