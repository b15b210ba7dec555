"""The service's own `result.json`: tests and steps in the words of the API, files beside it. Its JSON Schema: `artifactsvc schema`."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files as package_files
from pathlib import Path
from typing import Any

from artifactsvc.client.importers.assembly import key
from artifactsvc.client.importers.files import Evidence, head, read_reports, report_files
from artifactsvc.client.importers.json_stream import stream
from artifactsvc.client.importers.schema_check import problems
from artifactsvc.client.report import Attachment, Damaged, ImportFailedError, ReportStep, ReportTest, Skipped

NAME = "result.json"
_OTHERS = re.compile(r'\s*\{\s*"(config|stats|results)"\s*:')  # a report of Playwright or Mochawesome that somebody called so
_TIMES = ("started_at", "completed_at", "captured_at")


class Native:
    name = "native"

    def finds(self, path: Path) -> bool:
        return next(report_files(path, _is_report), None) is not None

    def read(self, path: Path) -> Iterator[ReportTest | Skipped]:
        return read_reports(path, _is_report, lambda file: _read(file, Evidence(file, path)), f"native ({NAME})")


def schema_text() -> str:
    return (package_files("artifactsvc.client.importers") / "native_schema.json").read_text(encoding="utf-8")


def _is_report(path: Path) -> bool:
    return path.name == NAME and not _OTHERS.match(head(path, 256))


def _read(file: Path, evidence: Evidence) -> Iterator[ReportTest | Skipped]:
    schema = json.loads(schema_text())
    seen: dict[str, int] = {}
    many = False
    number = 0
    for prefix, value in stream(file, ("tests.item",), keys=True):
        if prefix == "":
            if value == "tests":
                many = True
            elif many and value not in schema["properties"]:
                yield Skipped(f"{file}: {value}", "not in the schema (artifactsvc schema)")
            continue
        yield from _test(file, f"tests.{number}", value, schema, evidence, seen)
        number += 1
    if many:
        return
    try:
        value = json.loads(file.read_bytes())
    except (ValueError, RecursionError) as error:
        raise ImportFailedError(f"{file}: no JSON: {error}") from error
    if found := problems(value, schema["$defs"]["test"], schema):
        raise ImportFailedError(f"{file}: not as the schema wants it (artifactsvc schema): {found[0]}")
    yield from _test(file, "test", value, schema, evidence, seen)


def _test(file: Path, place: str, value: Any, schema: dict[str, Any], evidence: Evidence, seen: dict[str, int]) -> Iterator[ReportTest | Skipped]:
    found = problems(value, schema["$defs"]["test"], schema)
    name = value.get("name") if isinstance(value, dict) else None
    if not found:
        numbers = [step["step_number"] for step in value.get("steps", [])]
        found = (
            [f"steps: step_number {number} is there twice" for number in numbers if numbers.count(number) > 1][:1] if len(set(numbers)) < len(numbers) else []
        )
    if found:
        more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
        yield Damaged(f"{file}: {place} {name or ''}".rstrip(), found[0] + more)
        return
    identity = key("native", json.dumps(value, sort_keys=True))
    seen[identity] = seen.get(identity, -1) + 1
    columns = {column: _column(column, item) for column, item in value.items() if column not in ("steps", "artifacts", "$schema")}
    test = ReportTest(key=key("native", identity, seen[identity]), **{"full_name": value["name"], "status": "Pending", **columns})
    test.steps = [ReportStep(**{"status": "Pending", **{column: _column(column, item) for column, item in step.items()}}) for step in value.get("steps", [])]
    test.steps.sort(key=lambda step: step.step_number)
    skipped = []
    for artifact in value.get("artifacts", []):
        item = _attachment(artifact, evidence)
        if isinstance(item, Skipped):
            skipped.append(Skipped(f"{test.full_name}: {item.what}", item.why))
        else:
            test.attachments.append(item)
    _link_screenshots(test, value.get("artifacts", []))
    yield test
    yield from skipped


def _attachment(artifact: dict[str, Any], evidence: Evidence) -> Attachment | Skipped:
    own = ("artifact_category", "step_number", "iteration_number", "description", "captured_at", "link_to_step")
    columns = {column: _column(column, artifact[column]) for column in own if artifact.get(column) is not None}
    item = evidence.attach(artifact["file"], artifact.get("mime_type"), name=artifact.get("file_name"), **columns)
    if isinstance(item, Attachment) and artifact.get("artifact_type"):
        item.artifact_type = artifact["artifact_type"]
    return item


def _link_screenshots(test: ReportTest, artifacts: list[dict[str, Any]]) -> None:
    """A step's newest screenshot stands for it, unless the file says of any of them whether it does."""
    decided = {artifact.get("step_number") for artifact in artifacts if artifact.get("link_to_step") is not None}
    newest = {item.step_number: item for item in test.attachments if item.artifact_type == "screenshot" and item.step_number}
    for number, item in newest.items():
        if number not in decided:
            item.link_to_step = True


def _column(name: str, value: Any) -> Any:
    if name in _TIMES and value is not None:
        time = datetime.fromisoformat(value)
        return time if time.tzinfo else time.replace(tzinfo=UTC)  # as the API reads it
    return value
