"""The pytest plugin's memory of a session: from pytest's reports to a report's tests, and their way to the delivery."""

import os
import uuid
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from artifactsvc.client import failure_screenshots
from artifactsvc.client.delivery import OPTIONS, Delivery, merged
from artifactsvc.client.environment import describe_run
from artifactsvc.client.recorder import Outcome, Recorder
from artifactsvc.client.report import Attachment, ReportStep, ReportTest, Status
from artifactsvc.client.runs import new_run_body
from artifactsvc.client.spool import SpooledRun, default_spool, load_run, new_run
from artifactsvc.client.summary import NAMED, plural

PHASES = pytest.StashKey[dict[str, tuple[ReportStep, Outcome | None, Any]]]()
_ACTIONS = {"setup": "Set up", "call": "Call", "teardown": "Tear down"}


class Session:
    """Parameters: `url`; `run_key` and `facts` of the run; `project`, if nothing else names it; `folder` of the run in the spool,
    which a worker gets from its controller.
    """

    def __init__(self, url: str, run_key: str | None, facts: dict[str, str | None], project: str, folder: str | None) -> None:
        self.told: list[Any] = []
        self._notes: list[str] = []
        self._held = ExitStack()
        self.run: SpooledRun = None  # type: ignore[assignment]
        with self.guarded():
            self.run = load_run(Path(folder)) if folder else _begin_run(url, run_key, facts, project)
            self._held.enter_context(self.run.lock(alone=False))
            self._delivery = Delivery(self.run, os.environ.get("ARTIFACTSVC_TOKEN") or None, self._note)
            with warnings.catch_warnings():  # here, and not while a test runs, which could take the warnings for its own
                warnings.simplefilter("ignore")
                import httpx  # noqa: F401

    @property
    def is_usable(self) -> bool:
        if self._notes:
            print(f"artifactsvc: {self._notes[0]}")  # noqa: T201 - pytest has no terminal yet
        return not self._notes

    @contextmanager
    def guarded(self) -> Iterator[None]:
        """Nothing that goes wrong in here reaches the tests."""
        try:
            yield
        except Exception as error:  # noqa: BLE001
            self._note(f"{type(error).__name__}: {error}")

    def _note(self, text: str) -> None:
        self._notes.append(text)

    def begin(self, item: pytest.Item) -> Recorder:
        """Once for each attempt."""
        item.stash[PHASES] = {}
        return Recorder()

    def begin_phase(self, item: pytest.Item, recorder: Recorder, when: str) -> None:
        step = recorder.begin_phase(_ACTIONS[when])
        if when == "setup" and (callspec := getattr(item, "callspec", None)):
            step.input_value = ", ".join(f"{name}={value!r}" for name, value in callspec.params.items())[:10_000]
        item.stash[PHASES][when] = (step, None, None)

    def end_phase(self, item: pytest.Item, recorder: Recorder, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
        """After tear-down the test goes to the delivery."""
        step, _, _ = item.stash[PHASES][call.when]
        outcome = _outcome(call, report)
        if outcome.status == "Passed" and call.when == "call" and (failed := recorder.failed_subtests()):
            outcome.status, outcome.error_message = "Failed", f"{plural(failed, 'subtest')} failed"
        recorder.end_phase(step, outcome)
        item.stash[PHASES][call.when] = (step, outcome, report.longrepr if outcome.status == "Failed" else None)
        if report.failed and call.when != "teardown":
            self._shoot(item, recorder, _failed_step(recorder, step))
        if call.when == "teardown":
            self._delivery.put(_builder(item.nodeid, item.name, recorder, item.stash[PHASES], list(report.sections)))

    def end_subtest(self, item: pytest.Item, recorder: Recorder, call: pytest.CallInfo[None], report: pytest.TestReport) -> None:
        """A subtest is a step. That one failed, pytest itself does not say in the report of the test."""
        step = recorder.add_subtest(_outcome(call, report))
        if report.failed:
            step.stack_trace = str(report.longrepr)
            self._shoot(item, recorder, step.step_number)

    def describe_subtest(self, recorder: Recorder, report: Any) -> None:
        """What pytest says of the subtest that ended just now: its message, its parameters, and what was captured of it."""
        step = recorder.subtests[-1]
        parameters = ", ".join(f"{name}={value}" for name, value in report.context.kwargs.items())
        step.action = " ".join(filter(None, ["Subtest", report.context.msg, f"({parameters})" if parameters else ""]))
        for title, text in report.sections:
            if text and title.endswith(" call"):  # the others are of the test, which has them too
                recorder.attachments.append(_captured(title, text, {"call": (step,)}))

    def _shoot(self, item: pytest.Item, recorder: Recorder, step_number: int) -> None:
        for name, image in failure_screenshots.take(getattr(item, "funcargs", None) or {}):
            recorder.attach(image, f"{name}-failure.png", "screenshot", category="error", step_number=step_number, link_to_step=True)

    def crashed(self, report: pytest.TestReport) -> None:
        """A test that took its process with it: all that is known of it."""
        test = ReportTest(
            _key(report.nodeid), report.nodeid.rpartition("::")[2], report.nodeid, _suite(report.nodeid), "Failed",
            error_message=str(report.longrepr), error_type="Crash", started_at=datetime.now(UTC),
        )  # fmt: skip
        self._delivery.put(lambda: test)

    def finish(self, seconds: float, close_run: bool) -> dict[str, Any]:
        """Deliver what is left. Returns, for the controller, what could not be kept."""
        if close_run:
            self.run.complete = True
            self.run.save()
        summaries = self._delivery.finish(seconds, close_run)
        if close_run and not self.run.done() and not self.run.waiting() and self.run.is_alone():
            self.run.remove()
        if not close_run:
            self.close()  # who closes the run wants it alone
        self.told += summaries
        return {**merged(list(summaries)), "tests": sum(item.tests + item.already_there for item in summaries), "notes": self._notes}

    def account(self) -> list[str]:
        """What to say at the end."""
        told = merged(self.told)
        stored = sum(item["tests"] if isinstance(item, dict) else item.tests + item.already_there for item in self.told)
        waiting = len(self.run.waiting())
        lines = [f"{plural(stored, 'test')} stored: {self.run.url}/runs/{self.run.run_id}"] if stored else []
        for word in ("refused", "skipped"):
            lines += [f"{word}: {item['what']}: {item['why']}" for item in told[word][:NAMED]]
            if len(told[word]) > NAMED:
                lines.append(f"… and {len(told[word]) - NAMED} more {word}")
        if waiting:
            lines.append(f"{plural(waiting, 'test')} in the spool; send later with: artifactsvc upload --resume")
        if told["trouble"] and waiting:
            lines.append(str(told["trouble"]))
        notes = [*self._notes, *(note for item in self.told if isinstance(item, dict) for note in item.get("notes", ()))]
        return lines + list(dict.fromkeys(notes))[:NAMED]

    def close(self) -> None:
        self._held.close()


def _begin_run(url: str, run_key: str | None, facts: dict[str, str | None], project: str) -> SpooledRun:
    known = describe_run() | {name: value for name, value in facts.items() if value}
    known["project"] = known["project"] or project
    body = new_run_body(run_key, **known)
    return new_run(default_spool(), url.rstrip("/"), body, shared=run_key is not None, png_level=OPTIONS.png_level, keep_refused=True)


def _failed_step(recorder: Recorder, phase: ReportStep) -> int:
    """The step that failed, where one did; else the phase."""
    failed = [step for step in recorder.steps if step.status == "Failed" and step.step_number > phase.step_number]
    return failed[-1].step_number if failed else phase.step_number


def _suite(nodeid: str) -> str:
    return nodeid.rpartition("::")[0] or nodeid


def _key(nodeid: str) -> str:
    """Every execution is a result of its own: another attempt, another worker, another session that meets in the same run."""
    return f"{nodeid}#{uuid.uuid4()}"


def _outcome(call: pytest.CallInfo[None], report: pytest.TestReport) -> Outcome:
    status: Status = "Passed" if report.passed else "Skipped" if report.skipped else "Failed"
    outcome = Outcome(status, call.start, call.duration)
    if call.excinfo is not None and status != "Passed":
        outcome.error_message, outcome.error_type = str(call.excinfo.value), call.excinfo.typename
    elif status == "Failed":  # a test that should have failed
        outcome.error_message = str(report.longrepr)
    return outcome


def _builder(nodeid: str, name: str, recorder: Recorder, phases: dict[str, Any], sections: list[tuple[str, str]]) -> Callable[[], ReportTest]:
    """What makes the report of a finished test, on another thread."""

    def build() -> ReportTest:
        outcomes = [outcome for _, outcome, _ in phases.values() if outcome]
        bad = next((item for status in ("Failed", "Skipped") for item in outcomes if item.status == status), None)
        for step, _, longrepr in phases.values():
            if longrepr is not None:
                step.stack_trace = str(longrepr)
        started = min(outcome.start for outcome in outcomes)
        completed = max(outcome.start + outcome.duration for outcome in outcomes)
        files = [_captured(title, text, phases) for title, text in sections if text]
        return ReportTest(
            _key(nodeid), name, nodeid, _suite(nodeid), bad.status if bad else "Passed", round((completed - started) * 1000),
            bad and bad.error_message, bad and bad.error_type, datetime.fromtimestamp(started, UTC), datetime.fromtimestamp(completed, UTC),
            recorder.steps, recorder.attachments + files,
        )  # fmt: skip

    return build


def _captured(title: str, text: str, phases: dict[str, Any]) -> Attachment:
    """`Captured stdout call` as a log of that phase."""
    step = phases.get(title.rpartition(" ")[2])
    file_name = title.lower().replace(" ", "-") + ".txt"
    data = text.encode("utf-8", "replace")
    return Attachment(file_name, data=data, media_type="text/plain", artifact_type="log", description=title, step_number=step[0].step_number if step else None)
