"""Mochawesome's JSON, of Mocha or Cypress: hooks as steps, the test's code in the description, context as text and files."""

import json
import re
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from artifactsvc.client.importers.assembly import Node, assemble, error_type, key, readable
from artifactsvc.client.importers.cypress import Pictures
from artifactsvc.client.importers.data_urls import from_data_url
from artifactsvc.client.importers.files import FAULTS, Evidence, head, media_type, read_reports, report_files
from artifactsvc.client.importers.json_stream import stream
from artifactsvc.client.importers.mapping import OTHER_STEPS, STATUSES
from artifactsvc.client.importers.times import millis
from artifactsvc.client.report import Attachment, Damaged, ImportFailedError, ReportTest, Skipped, Status

_TELLS = re.compile(r'\s*\{\s*"(stats|results)"\s*:')
_URL = re.compile(r"[a-z][a-z0-9+.-]+://", re.IGNORECASE)


class Mochawesome:
    name = "mochawesome"

    def finds(self, path: Path) -> bool:
        return next(report_files(path, _is_report), None) is not None

    def read(self, path: Path) -> Iterator[ReportTest | Skipped]:
        pictures = Pictures(path if path.is_dir() else path.parent)
        yield from read_reports(path, _is_report, lambda file: _read(file, Evidence(file, path), pictures), "Mochawesome JSON")
        yield from pictures.left_over()


def _is_report(path: Path) -> bool:
    if path.suffix.lower() != ".json":
        return False
    text = head(path)
    return bool(_TELLS.match(text)) and ('"passPercent"' in text or '"beforeHooks"' in text)


def _read(file: Path, evidence: Evidence, pictures: Pictures) -> Iterator[ReportTest | Skipped]:
    known, started = False, None
    for prefix, value in stream(file, ("stats.start", "results.item")):
        if prefix == "stats.start":
            started = str(value)
            continue
        known = True
        try:
            spec = _Spec(value, started, evidence, pictures)
        except FAULTS as error:
            yield Damaged(f"{file}: a result", f"damaged: {error}")
            continue
        yield from spec.read()
    if not known and started is None:
        raise ImportFailedError(f"{file}: no Mochawesome JSON; it has neither stats nor results")


class _Spec:
    """The tests of one file of tests, and what belongs to it as a whole: its video."""

    def __init__(self, suite: dict[str, Any], started: str | None, evidence: Evidence, pictures: Pictures) -> None:
        self._started, self._evidence, self._pictures = started, evidence, pictures
        self._file = str(suite.get("fullFile") or suite.get("file") or "")
        self._hooks_shown: set[str] = set()
        self._cases = list(_cases(suite, (), (), ()))
        states = [_status(case[1]) for case in self._cases]
        self._shows_video = states.index("Failed") if "Failed" in states else 0

    def read(self) -> Iterator[ReportTest | Skipped]:
        for number, (titles, case, before, after) in enumerate(self._cases):
            try:
                yield from self._case(titles, case, before, after, number == self._shows_video)
            except FAULTS as error:
                yield Damaged(" > ".join((*titles, str(case.get("title")))), f"damaged: {error}")

    def _case(
        self, titles: tuple[str, ...], case: dict[str, Any], before: tuple[Any, ...], after: tuple[Any, ...], with_video: bool
    ) -> Iterator[ReportTest | Skipped]:
        title, err = str(case["title"]), case.get("err") or {}
        status, message = _status(case), readable(err.get("message"))
        ran = status in ("Passed", "Failed")
        test = ReportTest(
            key=key("mochawesome", case.get("uuid") or json.dumps(case), self._started, self._file),
            name=title,
            full_name=" > ".join((*titles, title)),
            suite=" > ".join(titles) or None,
            status=status,
            duration_ms=millis(case.get("duration")),
            error_message=message,
            error_type=error_type(message) or error_type(readable(err.get("estack"))),
        )
        lines, files = _context(case.get("context"), self._evidence)
        about = [
            *([f"File: {self._file}"] if self._file else []),
            *([f"Run started: {self._started}"] if self._started else []),
            *([f"Speed: {case['speed']}"] if case.get("speed") else []),
            *(["Timed out: yes"] if case.get("timedOut") else []),
            *(["A hook, not a test"] if case.get("isHook") else []),
            *lines,
            *([f"Difference:\n{readable(err['diff'])}"] if isinstance(err.get("diff"), str) else []),
            *([f"Code:\n{case['code']}"] if case.get("code") else []),
        ]
        taken = [file.path for file in files if isinstance(file, Attachment) and file.path]
        files += self._pictures.of_test((*titles, title), self._file, taken)
        files += self._pictures.videos_of(self._file) if with_video else []
        hooks = [self._hook(hook, ran) for hook in before], [self._hook(hook, ran) for hook in after]
        yield from assemble(test, chain(*hooks), about, files, readable(err.get("estack")))

    def _hook(self, hook: dict[str, Any], ran: bool) -> Node:
        err = hook.get("err") or {}
        message = readable(err.get("message"))
        lines, files = _context(hook.get("context"), self._evidence)
        first = str(hook.get("uuid")) not in self._hooks_shown  # it stands in many tests, its files in one
        self._hooks_shown.add(str(hook.get("uuid")))
        status = _status(hook)
        return Node(
            str(hook.get("title") or "hook"),
            step_type=OTHER_STEPS,
            lines=[*lines, *([f"Code:\n{hook['code']}"] if hook.get("code") else [])],
            columns={
                "status": "Passed" if status == "Pending" and ran else status,  # Mocha gives a state to hooks that fail only
                "duration_ms": millis(hook.get("duration")),
                "error_message": message,
                "error_type": error_type(message),
                "stack_trace": readable(err.get("estack")),
            },
            files=files if first else [],
        )


def _cases(
    suite: dict[str, Any], titles: tuple[str, ...], before: tuple[Any, ...], after: tuple[Any, ...]
) -> Iterator[tuple[tuple[str, ...], dict[str, Any], Any, Any]]:
    """Each test with its suites' titles and hooks. A hook that failed is a test of its own, or the failure would be in none."""
    titles = (*titles, str(suite["title"])) if suite.get("title") else titles
    own_before, own_after = suite.get("beforeHooks") or [], suite.get("afterHooks") or []
    for hook in own_before:
        if _status(hook) == "Failed":
            yield titles, hook, before, ()
    before, after = (*before, *own_before), (*own_after, *after)
    for test in suite.get("tests") or []:
        yield titles, test, before, after
    for inner in suite.get("suites") or []:
        yield from _cases(inner, titles, before, after)
    for hook in own_after:
        if _status(hook) == "Failed":
            yield titles, hook, (), ()


def _status(item: dict[str, Any]) -> Status:
    state = item.get("state") or ("skipped" if item.get("skipped") else "pending" if item.get("pending") else "none")
    return STATUSES["mochawesome"].get(state, "Pending")


def _context(context: Any, evidence: Evidence) -> tuple[list[str], list[Attachment | Skipped]]:
    """What `addContext` left: lines of text, and files."""
    if isinstance(context, str):
        try:
            context = json.loads(context)
        except ValueError:
            pass  # a plain string
    lines: list[str] = []
    files: list[Attachment | Skipped] = []
    for item in context if isinstance(context, list) else [context] if context else []:
        title, value = (str(item.get("title") or "context"), item["value"]) if isinstance(item, dict) and "value" in item else ("", item)
        if isinstance(value, str) and value.startswith("data:"):
            files.append(from_data_url(value, title or "context"))
            continue
        if isinstance(value, str) and "\n" not in value and len(value) < 1000 and media_type(value) and not _URL.match(value):
            files.append(evidence.attach(value, description=title or None))
            continue
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2)
        lines.append(f"{title or 'Context'}: {text}")
    return lines, files
