"""What an importer makes of another tool's report: tests with their steps and files, in the words of the contract.

The field names are those of the API (contract, endpoints 1, 3 and 4). Nothing in here is checked or cut: that is the upload's work.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol

Status = Literal["Passed", "Failed", "Skipped", "Pending"]


@dataclass
class Attachment:
    """A file of a test: on the disk (`path`) or in memory (`data`), exactly one of them.

    `step_number` ties it to a step; `link_to_step` makes it that step's screenshot. `media_type` None: by the name.
    """

    name: str
    path: Path | None = None
    data: bytes | None = None
    media_type: str | None = None
    artifact_type: Literal["screenshot", "log", "video", "har", "other"] = "other"
    artifact_category: Literal["before", "after", "error", "checkpoint"] | None = None
    step_number: int | None = None
    iteration_number: int = 1
    description: str | None = None
    captured_at: datetime | None = None
    link_to_step: bool = False


@dataclass
class ReportStep:
    """A step; nested ones are flattened in order, and `description` keeps their depth and whatever fits no column."""

    step_number: int
    step_type: str
    action: str | None = None
    description: str | None = None
    status: Status = "Passed"
    element_selector: str | None = None
    element_name: str | None = None
    element_type: str | None = None
    input_value: str | None = None
    expected_value: str | None = None
    actual_value: str | None = None
    error_message: str | None = None
    error_type: str | None = None
    stack_trace: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    duration_ms: int | None = None


@dataclass
class ReportTest:
    """One execution of a test case. An attempt that was tried again is one of its own, with the same `full_name`.

    `key` is the same whenever the same report is imported again: what makes a second upload of it harmless.
    """

    key: str
    name: str
    full_name: str | None = None
    suite: str | None = None
    status: Status = "Passed"
    duration_ms: int | None = None
    error_message: str | None = None
    error_type: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    steps: list[ReportStep] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)


@dataclass
class Skipped:
    """Something a report names that could not be taken over; counted and shown in the summary."""

    what: str
    why: str


class Damaged(Skipped):
    """Tests of a report that cannot be read: they are missing on the server, so an upload does not end as if all were there."""


class Importer(Protocol):
    """Reads one kind of report. Registered as entry point in the group `artifactsvc.importers`; `name` is the word for `--format`."""

    name: str

    def finds(self, path: Path) -> bool:
        """Whether `path`, a file or folder, is a report of this kind; cheap, and never raises for foreign content."""

    def read(self, path: Path) -> Iterator[ReportTest | Skipped]:
        """The tests, one at a time, so that a large report needs little memory. Raises ImportFailedError when the report is no such report."""


class ImportFailedError(Exception):
    """A report that cannot be read at all; the text names the file and the reason."""
