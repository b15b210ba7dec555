"""A report's test in the words of the API: strings cut to their columns, with the whole in the description; values that are legal.

Nothing is lost on the way: what fits no column and no description becomes a file of the test.
"""

import hashlib
import re
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from artifactsvc.client.api import timestamp
from artifactsvc.client.report import Attachment, ReportStep, ReportTest
from artifactsvc.client.transport import encode
from artifactsvc.client.types import Limits

RESULT_COLUMNS = {"name": 500, "suite": 500, "error_type": 100}
STEP_COLUMNS = {"action": 100, "element_name": 255, "element_type": 50, "error_type": 100}
RUN_COLUMNS = {"name": 255, "project": 100, "branch": 255, "commit_sha": 64, "environment": 100}
FULL_NAME = 1000
MAX_INTEGER = 2147483647
SPARE_TYPES = ("execute_script", "wait")  # for a step type the server does not know: the one that says least
_SURROGATES = re.compile("[\ud800-\udfff]")
_LONG_TEXTS = ("stack_trace", "error_message", "input_value", "expected_value", "actual_value", "description", "element_selector")


@dataclass
class Fitted:
    """What is sent of one test: two JSON bodies, further files, and what the limits did not let through."""

    result: dict[str, Any]
    steps: list[dict[str, Any]]
    attachments: list[Attachment]
    refused: list[tuple[str, str]] = field(default_factory=list)


def fit(test: ReportTest, limits: Limits) -> Fitted:
    """Parameters: `test` as its importer read it; `limits` of the server."""
    result, overflow = _fit_result(test)
    fitted = Fitted(result, [], list(test.attachments))
    if overflow:
        text = "\n".join(f"{name}: {value}" for name, value in overflow.items())
        fitted.attachments.append(_text_file("whole-names.txt", text, "What is longer than its column"))
    steps = test.steps
    if len(steps) > limits["max_steps"]:
        fitted.refused.append((f"steps {limits['max_steps'] + 1} to {len(steps)} of {test.name}", f"the server takes {limits['max_steps']} steps"))
        steps = steps[: limits["max_steps"]]
    fitted.steps = [_fit_step(step, limits["step_types"]) for step in steps]
    _shorten(fitted, limits["max_json_size"] - 1024)
    return fitted


def fit_run(run: dict[str, Any]) -> dict[str, Any]:
    """The body of a test run; too long strings are cut."""
    body: dict[str, Any] = {name: clean(value) if isinstance(value, str) else value for name, value in run.items() if value not in (None, "")}
    for name, longest in RUN_COLUMNS.items():
        if name in body:
            body[name] = cut(body[name], longest)
    return body


def _fit_result(test: ReportTest) -> tuple[dict[str, Any], dict[str, str]]:
    name = clean(test.name) or "unnamed"
    full_name = clean(test.full_name) or name
    body: dict[str, Any] = {"name": name, "suite": clean(test.suite), "error_type": clean(test.error_type), "status": test.status}
    overflow: dict[str, str] = {column: body[column] for column, longest in RESULT_COLUMNS.items() if body[column] and len(body[column]) > longest}
    for column in overflow:
        body[column] = cut(overflow[column], RESULT_COLUMNS[column])
    if len(full_name) > FULL_NAME:
        overflow["full_name"] = full_name
        # what ties a test together over runs stays distinct when it is cut
        full_name = f"{full_name[: FULL_NAME - 17]}~{hashlib.sha256(full_name.encode()).hexdigest()[:16]}"
    body |= {"full_name": full_name, "duration_ms": _integer(test.duration_ms), "error_message": clean(test.error_message)}
    return _without_nulls(body | _times(test.started_at, test.completed_at)), overflow


def _fit_step(step: ReportStep, step_types: list[str]) -> dict[str, Any]:
    body: dict[str, Any] = {item.name: getattr(step, item.name) for item in fields(step)}
    body |= {name: clean(value) for name, value in body.items() if isinstance(value, str)}
    more = []
    for column, longest in STEP_COLUMNS.items():
        if body[column] and len(body[column]) > longest:
            more.append(f"{column}: {body[column]}")
            body[column] = cut(body[column], longest)
    if body["step_type"] not in step_types:
        more.append(f"step type: {body['step_type']}")
        body["step_type"] = next((name for name in SPARE_TYPES if name in step_types), step_types[0])
    if more:
        body["description"] = "\n".join(filter(None, [body["description"], *more]))
    body["duration_ms"] = _integer(step.duration_ms)
    return _without_nulls(body | _times(step.started_at, step.completed_at))


def _shorten(fitted: Fitted, limit: int) -> None:
    """Cut the longest texts until the bodies are within the server's limit of JSON; the whole texts become files."""
    longest = 2**20
    bodies: list[dict[str, Any]] = [fitted.result, *fitted.steps]
    while longest >= 256 and (len(encode(fitted.result)) > limit or len(encode({"steps": fitted.steps})) > limit):
        for body in bodies:
            for name in _LONG_TEXTS:
                text = body.get(name)
                if text and len(text) > longest:
                    number = body.get("step_number")
                    file_name = f"step-{number}-{name}.txt" if number else f"{name}.txt"
                    if not any(item.name == file_name for item in fitted.attachments):
                        fitted.attachments.append(_text_file(file_name, text, f"The whole {name.replace('_', ' ')}", number))
                    body[name] = f"{text[: longest - 80]}… (cut; the whole is in {file_name})"
        longest //= 4


def _text_file(name: str, text: str, description: str, step_number: int | None = None) -> Attachment:
    data = text.encode("utf-8", "replace")
    return Attachment(name, data=data, media_type="text/plain", artifact_type="log", description=description, step_number=step_number)


def attachment_metadata(item: Attachment, limits: Limits) -> dict[str, Any]:
    """The item of a batch's `metadata`, without its checksum."""
    description = clean(item.description)
    if description and len(description.encode()) > limits["max_field_size"] // 4:
        description = cut(description, limits["max_field_size"] // 16)
    body = {
        "artifact_type": item.artifact_type,
        "artifact_category": item.artifact_category,
        "step_number": item.step_number if item.step_number and 1 <= item.step_number <= MAX_INTEGER else None,
        "iteration_number": _integer(item.iteration_number) or 1,
        "description": description,
        "captured_at": item.captured_at and timestamp(item.captured_at),
    }
    return _without_nulls(body | ({"link_to_step": True} if item.link_to_step and body["step_number"] else {}))


def clean(text: str | None) -> str | None:
    """Without NUL and lone surrogates, which no database keeps."""
    return text if text is None else _SURROGATES.sub("�", text.replace("\0", "�"))


def cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _integer(value: Any) -> int | None:
    """A whole number the columns hold, or None."""
    return int(value) if value is not None and 0 <= value <= MAX_INTEGER else None


def _times(started: datetime | None, completed: datetime | None) -> dict[str, str | None]:
    return {"started_at": timestamp(started) if started else None, "completed_at": timestamp(completed) if completed else None}


def _without_nulls(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if value is not None}
