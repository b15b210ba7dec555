"""Playwright's JSON report: `reporter: [["json", {outputFile: "report.json"}]]`. It holds the steps made with `test.step`."""

import base64
import binascii
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from artifactsvc.client.importers.assembly import Node, assemble, error_type, key, readable
from artifactsvc.client.importers.files import FAULTS, Evidence, from_memory, head, read_reports, report_files
from artifactsvc.client.importers.json_stream import stream
from artifactsvc.client.importers.mapping import STATUSES
from artifactsvc.client.importers.times import from_text, later, millis
from artifactsvc.client.report import Attachment, Damaged, ImportFailedError, ReportTest, Skipped, Status

_TELLS = re.compile(r'\s*\{\s*"config"\s*:\s*\{')


class Playwright:
    name = "playwright"

    def finds(self, path: Path) -> bool:
        return next(report_files(path, _is_report), None) is not None

    def read(self, path: Path) -> Iterator[ReportTest | Skipped]:
        return read_reports(path, _is_report, lambda file: _read(file, Evidence(file, path)), "Playwright JSON")


def _is_report(path: Path) -> bool:
    if path.suffix.lower() != ".json":
        return False
    text = head(path, 65536)
    return bool(_TELLS.match(text)) and '"rootDir"' in text


def _read(file: Path, evidence: Evidence) -> Iterator[ReportTest | Skipped]:
    known = False
    for prefix, value in stream(file, ("suites.item", "errors.item", "config.rootDir")):
        known = True
        if prefix == "suites.item":
            try:
                yield from _suite(value, (), evidence)
            except FAULTS as error:
                yield Damaged(f"{file}: a suite", f"damaged: {error}")
        elif prefix == "errors.item":
            yield Skipped(f"{file}: an error outside of the tests", readable(_message(value)) or "no text")
    if not known:
        raise ImportFailedError(f"{file}: no Playwright JSON report; it has neither suites nor errors")


def _suite(suite: dict[str, Any], titles: tuple[str, ...], evidence: Evidence) -> Iterator[ReportTest | Skipped]:
    titles = (*titles, str(suite.get("title") or ""))
    for spec in suite.get("specs") or []:
        for test in spec.get("tests") or []:
            for result in test.get("results") or []:
                try:
                    yield from _test(spec, test, result, titles, evidence)
                except FAULTS as error:
                    yield Damaged(" > ".join((*titles, str(spec.get("title")))), f"damaged: {error}")
            if not test.get("results"):
                yield Skipped(" > ".join((*titles, str(spec.get("title")))), "was not run: the report has no result for it")
    for inner in suite.get("suites") or []:
        yield from _suite(inner, titles, evidence)


def _test(spec: dict[str, Any], test: dict[str, Any], result: dict[str, Any], titles: tuple[str, ...], evidence: Evidence) -> Iterator[ReportTest | Skipped]:
    path = " › ".join(title for title in titles if title)
    title, project = str(spec["title"]), test.get("projectName") or ""
    start, duration = from_text(result.get("startTime")), millis(result.get("duration"))
    errors = result.get("errors") or ([result["error"]] if result.get("error") else [])
    first = result.get("error") or (errors[0] if errors else {})
    message = readable(_message(first)) if first else None
    status = _status(result.get("status"), test.get("expectedStatus"))
    annotations = result.get("annotations") or test.get("annotations") or []
    if status == "Skipped" and message is None:
        message = next((note.get("description") for note in annotations if note.get("type") in ("skip", "fixme")), None)
    built = ReportTest(
        key=key("playwright", spec.get("id"), project, result.get("retry"), result.get("startTime"), path, title, json.dumps(result, sort_keys=True)),
        name=title,
        full_name=f"{path} › {title}" + (f" [{project}]" if project else ""),
        suite=path or None,
        status=status,
        duration_ms=duration,
        error_message=message,
        error_type=error_type(message),
        started_at=start,
        completed_at=later(start, duration),
    )
    lines = [
        f"File: {spec.get('file')}:{spec.get('line')}:{spec.get('column')}",
        *([f"Project: {project}"] if project else []),
        *([f"Attempt: {result['retry'] + 1}"] if result.get("retry") else []),
        *(f"Tag: {tag}" for tag in spec.get("tags") or []),
        *(f"Annotation {note.get('type')}: {note.get('description') or ''}".rstrip() for note in annotations),
        *(["Status in Playwright: " + str(result.get("status"))] if result.get("status") not in ("passed", "failed", "skipped") else []),
        *([f"Expected status: {test['expectedStatus']}"] if test.get("expectedStatus") not in (None, "passed", "skipped") else []),
        *([f"Timeout: {test['timeout']} ms"] if test.get("timeout") else []),
        *([f"Worker: {result['workerIndex']}"] if result.get("workerIndex") is not None else []),
    ]
    for number, error in enumerate(errors):
        lines += [f"Error: {readable(_message(error))}"] if number else []
        lines += [f"Code:\n{readable(error['snippet'])}"] if isinstance(error, dict) and error.get("snippet") else []
    trace = "\n\n".join(filter(None, (readable(error.get("stack")) for error in [first, *errors[1:]] if isinstance(error, dict))))
    nodes = [_node(step) for step in result.get("steps") or []]
    yield from assemble(built, nodes, lines, [*_output(result), *(_attachment(item, evidence) for item in result.get("attachments") or [])], trace or None)


def _status(status: Any, expected: Any) -> Status:
    if expected == "failed" and status in ("failed", "passed"):
        status = "failed, as expected" if status == "failed" else "passed, against expectation"
    return STATUSES["playwright"].get(status, "Pending")


def _message(error: Any) -> str | None:
    if isinstance(error, dict):
        return error.get("message") or error.get("value") or error.get("stack")
    return str(error) if error is not None else None


def _node(step: dict[str, Any]) -> Node:
    error = step.get("error") or {}
    message = readable(_message(error)) if error else None
    location = error.get("location") if isinstance(error, dict) else None
    return Node(
        str(step.get("title") or "step"),
        lines=[
            *([f"Subtitle: {step['subtitle']}"] if step.get("subtitle") else []),
            *([f"At: {location.get('file')}:{location.get('line')}:{location.get('column')}"] if location else []),
        ],
        columns={
            "status": STATUSES["playwright"]["failed" if error else "passed"],
            "error_message": message,
            "error_type": error_type(message),
            "stack_trace": readable(error.get("stack")) if isinstance(error, dict) else None,
            "duration_ms": millis(step.get("duration")),
        },
        children=[_node(child) for child in step.get("steps") or []],
    )


def _output(result: dict[str, Any]) -> Iterator[Attachment]:
    for stream_name in ("stdout", "stderr"):
        pieces = [
            str(piece["text"]).encode("utf-8", "replace") if "text" in piece else base64.b64decode(piece.get("buffer") or "")
            for piece in result.get(stream_name) or []
        ]
        if any(pieces):
            yield Attachment(name=f"{stream_name}.txt", data=b"".join(pieces), media_type="text/plain", artifact_type="log")


def _attachment(item: dict[str, Any], evidence: Evidence) -> Attachment | Skipped:
    name, declared = str(item.get("name") or "attachment"), item.get("contentType")
    if item.get("path"):
        return evidence.attach(str(item["path"]), declared, description=name)
    if item.get("body") is None:
        return Skipped(f"attachment {name}", "the report gives neither a path nor its content")
    try:
        return from_memory(name, base64.b64decode(item["body"], validate=True), declared)
    except (binascii.Error, ValueError):
        return Skipped(f"attachment {name}", "its content is no base64")
