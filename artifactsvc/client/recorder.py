"""What the pytest plugin records of a test while it runs: phases, steps, files. The `report` fixture is a `Recorder`."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from artifactsvc.client.report import Attachment, ReportStep, Status

DEFAULT_TYPE = "execute_script"  # of the contract's types the one that says least
READ_NOW = 8 * 2**20  # bytes; reading more would hold up the test
Category = Literal["before", "after", "error", "checkpoint"]
Kind = Literal["screenshot", "log", "video", "har", "other"]


class RecordedStep:
    """A step while it runs. Its fields may be set until it ends: `step.fields.actual_value = "3 items"`."""

    def __init__(self, recorder: "Recorder", fields: ReportStep) -> None:
        self._recorder = recorder
        self.fields = fields

    def screenshot(self, image: bytes | Path | str, name: str | None = None, category: Category | None = "after") -> None:
        """Keep an image (bytes, or the path of a file) as this step's screenshot."""
        number = self.fields.step_number
        self._recorder.attach(image, name or f"step_{number:03}.png", "screenshot", category=category, step_number=number, link_to_step=True)

    def attach(self, content: bytes | str | Path, name: str | None = None, kind: Kind = "other", media_type: str | None = None) -> None:
        """Keep a file with this step: its bytes, its text, or its path."""
        self._recorder.attach(content, name, kind, media_type=media_type, step_number=self.fields.step_number)


class Recorder:
    """The `report` fixture. It works the same, and keeps nothing, when pytest runs without `--artifactsvc`."""

    def __init__(self) -> None:
        self.steps: list[ReportStep] = []
        self.attachments: list[Attachment] = []
        self.subtests: list[ReportStep] = []
        self._open: list[ReportStep] = []

    @contextmanager
    def step(
        self,
        action: str,
        *,
        type: str = DEFAULT_TYPE,
        selector: str | None = None,
        element: str | None = None,
        element_type: str | None = None,
        value: str | None = None,
        expected: str | None = None,
        description: str | None = None,
    ) -> Iterator[RecordedStep]:
        """A step from here to the end of the block. An exception fails it and goes on its way.

        Parameters: `action`, for a person; `type`, one of the contract's; `selector`, `element` and `element_type` of what was
        acted on; `value` that was typed or chosen; `expected` of an assertion.
        """
        fields = self._begin(action, type, description)
        fields.element_selector, fields.element_name, fields.element_type = selector, element, element_type
        fields.input_value, fields.expected_value = _text(value), _text(expected)
        start = time.perf_counter()
        try:
            yield RecordedStep(self, fields)
        except BaseException as error:
            # pytest's skip is no Exception
            fields.status = "Skipped" if type_name(error) == "Skipped" else "Failed"
            fields.error_message, fields.error_type = str(error), type_name(error)
            raise
        else:
            fields.status = "Passed"
        finally:
            self._end(fields, (time.perf_counter() - start) * 1000)

    def screenshot(self, image: bytes | Path | str, name: str = "screenshot.png", category: Category | None = None) -> None:
        """Keep an image with the step that is open."""
        self.attach(image, name, "screenshot", category=category)

    def attach(self, content: bytes | str | Path, name: str | None = None, kind: Kind = "other", **fields: Any) -> None:
        """Keep a file with the step that is open: its bytes, its text (str), or its path (Path, or a str with kind screenshot).

        `fields`: media_type, category, step_number, description, link_to_step.
        """
        category = fields.pop("category", None)
        fields.setdefault("step_number", self._open[-1].step_number if self._open else None)
        path = data = None
        if isinstance(content, bytes | bytearray | memoryview):
            data = bytes(content)
        elif isinstance(content, Path) or kind == "screenshot":
            path, data = _read_now(Path(content).absolute())
        else:
            data = content.encode("utf-8", "replace")
        default = Path(content).name if isinstance(content, Path) else "attachment.txt" if isinstance(content, str) else "attachment"
        now = datetime.now(UTC)
        self.attachments.append(Attachment(name or default, path, data, artifact_type=kind, artifact_category=category, captured_at=now, **fields))

    def begin_phase(self, action: str) -> ReportStep:
        self._open.clear()
        return self._begin(action, DEFAULT_TYPE, None)

    def end_phase(self, fields: ReportStep, outcome: "Outcome") -> None:
        fields.status = outcome.status
        fields.error_message, fields.error_type = outcome.error_message, outcome.error_type
        fields.started_at = datetime.fromtimestamp(outcome.start, UTC)
        self._end(fields, outcome.duration * 1000)

    def add_subtest(self, outcome: "Outcome") -> ReportStep:
        """A subtest that has just ended: a step of the phase that is open."""
        step = self._begin("Subtest", DEFAULT_TYPE, None)
        self.end_phase(step, outcome)
        self.subtests.append(step)
        return step

    def failed_subtests(self) -> int:
        return sum(step.status == "Failed" for step in self.subtests)

    def _begin(self, action: str, step_type: str, description: str | None) -> ReportStep:
        if len(self._open) > 1:  # the first is the phase
            parents = " › ".join(step.action or "" for step in self._open[1:])
            description = "\n".join(filter(None, [description, f"Depth {len(self._open) - 1}, in: {parents}"]))
        fields = ReportStep(len(self.steps) + 1, step_type, action, description, "Pending", started_at=datetime.now(UTC))
        self.steps.append(fields)
        self._open.append(fields)
        return fields

    def _end(self, fields: ReportStep, milliseconds: float) -> None:
        if fields in self._open:
            del self._open[self._open.index(fields) :]
        fields.duration_ms = round(milliseconds)
        assert fields.started_at is not None
        fields.completed_at = datetime.fromtimestamp(fields.started_at.timestamp() + milliseconds / 1000, UTC)


@dataclass
class Outcome:
    """How a phase ended. `start` in seconds since 1970, `duration` in seconds."""

    status: Status
    start: float
    duration: float
    error_message: str | None = None
    error_type: str | None = None


def type_name(error: BaseException) -> str:
    return type(error).__name__


def _read_now(path: Path) -> tuple[Path | None, bytes | None]:
    """The file as it is now: the test may write another one there, or remove it. A large or missing one is for later."""
    try:
        if path.stat().st_size <= READ_NOW:
            return None, path.read_bytes()
    except OSError:
        pass
    return path, None


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
