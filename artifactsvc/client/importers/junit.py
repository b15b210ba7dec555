"""JUnit XML, as pytest, Maven Surefire, Gradle, Playwright and many others write it."""

import hashlib
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from artifactsvc.client.importers.assembly import assemble, error_type, key, readable
from artifactsvc.client.importers.files import FAULTS, Evidence, read_reports, report_files
from artifactsvc.client.importers.mapping import STATUSES
from artifactsvc.client.importers.times import from_text, later, millis
from artifactsvc.client.importers.xml_stream import parse, root_tag
from artifactsvc.client.report import Attachment, Damaged, ImportFailedError, ReportTest, Skipped

_ATTACHMENT = re.compile(r"\[\[ATTACHMENT\|([^\]\r\n]+)\]\]")
_PYTEST_HEADING = re.compile(r"^-+ Captured \w+ -+$", re.MULTILINE)
_ENDS = ("error", "failure", "skipped")
_EARLIER, _LATER = ("flakyError", "flakyFailure"), ("rerunError", "rerunFailure")
_READ = {"name", "classname", "time", "timestamp"}
_STREAMS = {"system-out": "system-out.txt", "system-err": "system-err.txt"}


class JUnit:
    name = "junit"

    def finds(self, path: Path) -> bool:
        return next(report_files(path, _is_report), None) is not None

    def read(self, path: Path) -> Iterator[ReportTest | Skipped]:
        return read_reports(path, _is_report, lambda file: _read(file, Evidence(file, path)), "JUnit XML")


def _is_report(path: Path) -> bool:
    return path.suffix.lower() == ".xml" and root_tag(path) in ("testsuites", "testsuite")


def _read(file: Path, evidence: Evidence) -> Iterator[ReportTest | Skipped]:
    path: list[ET.Element] = []
    seen: dict[bytes, int] = {}
    last: list[ReportTest | Skipped] = []  # held back: what a suite prints stands behind its tests, and goes to the last one
    try:
        for event, element in parse(file):
            if event == "start":
                if not path and element.tag not in ("testsuites", "testsuite"):
                    raise ImportFailedError(f"{file}: no JUnit XML; its root is <{element.tag}>")
                path.append(element)
                continue
            path.pop()
            if element.tag == "testcase" and path:
                yield from last
                try:
                    last = list(_case(element, [suite for suite in path if suite.tag == "testsuite"], evidence, seen))
                except FAULTS as error:
                    last = [Damaged(f"{file}: testcase {element.get('name')}", f"damaged: {error}")]
                path[-1].remove(element)  # the tests so far need not be kept; a suite's properties must
            elif element.tag == "testsuite":
                last += _end_of_suite(element, next((item for item in last if isinstance(item, ReportTest)), None), evidence)
                if path:
                    path[-1].remove(element)
    except ImportFailedError:
        yield from last
        raise
    yield from last


def _end_of_suite(suite: ET.Element, test: ReportTest | None, evidence: Evidence) -> Iterator[Skipped]:
    """Gives what a suite printed to its last test; the rest cannot be given to any."""
    texts = [(child.tag, child.text) for child in suite if child.tag in _STREAMS and _has_text(child.text)]
    where = f"suite {suite.get('name')}"
    for item in chain(_logs(texts), _attachments(texts, None, evidence)):
        if isinstance(item, Skipped):
            yield Skipped(f"{where}: {item.what}", item.why)
        elif test is None:
            yield Skipped(f"{where}: {item.name}", "there is no test to give it to")
        else:
            item.description = f"Of {where}, not of this test alone"
            test.attachments.append(item)
    for child in suite:
        if child.tag in _ENDS:
            yield Skipped(f"{where}: {child.tag}", " ".join((child.get("message") or child.text or "no text").split()))


def _case(case: ET.Element, suites: list[ET.Element], evidence: Evidence, seen: dict[bytes, int]) -> Iterator[ReportTest | Skipped]:
    """The attempts of a test case, in the order of time: those before it passed, itself, those after it failed."""
    name, classname = case.get("name") or "unnamed", case.get("classname") or ""
    content = hashlib.sha256(ET.tostring(case)).digest()
    seen[content] = seen.get(content, -1) + 1  # the same test twice, to the letter, is two tests
    identity = ([(suite.get("name"), suite.get("timestamp"), suite.get("hostname")) for suite in suites], content, seen[content])
    suite_name = " > ".join(filter(None, (suite.get("name") for suite in suites))) or None
    start = from_text(case.get("timestamp")) or next(filter(None, (from_text(suite.get("timestamp")) for suite in reversed(suites))), None)
    attempts = [*(child for child in case if child.tag in _EARLIER), case, *(child for child in case if child.tag in _LATER)]
    for number, attempt in enumerate(attempts):
        end = attempt if attempt is not case else next((child for tag in _ENDS for child in case.findall(tag)), None)
        whole = attempt is case
        duration = millis(attempt.get("time"), 1000)
        trace = readable("\n".join(filter(None, (end.text, end.findtext("stackTrace")))).strip()) if end is not None else None
        message = readable((end.get("message") if end is not None else None) or (trace.splitlines()[0] if trace else None))
        test = ReportTest(
            key=key("junit", identity, number),
            name=name,
            full_name=f"{classname}.{name}" if classname else name,
            suite=suite_name,
            status=STATUSES["junit"][_word(case, end)],
            duration_ms=duration,
            error_message=message,
            error_type=(end.get("type") or error_type(message) or error_type(trace, last=True)) if end is not None else None,
            started_at=start,
            completed_at=later(start, duration),
        )
        lines = _about(case, suites, end) if whole else []
        if len(attempts) > 1:
            lines.append(f"Attempt: {number + 1} of {len(attempts)}")
        texts = [(child.tag, child.text) for child in attempt if child.tag in _STREAMS]
        yield from assemble(test, [], lines, chain(_logs(texts), _attachments(texts, case if whole else None, evidence)), trace)


def _word(case: ET.Element, end: ET.Element | None) -> str:
    """What the table of statuses calls this end of a test."""
    if end is not None:
        return end.tag
    status = f"status={case.get('status', '').lower()}"
    return status if status in STATUSES["junit"] else "no child"


def _about(case: ET.Element, suites: list[ET.Element], end: ET.Element | None) -> list[str]:
    lines = [f"{name}: {value}" for name, value in case.attrib.items() if name not in _READ]
    for owner, of in [(case, ""), *((suite, f" of suite {suite.get('name')}") for suite in suites)]:
        for item in owner.findall("properties/property"):
            lines.append(f"Property{of} {item.get('name')}: {item.get('value') or item.text or ''}")
    for child in case:
        if child.tag in _ENDS and child is not end:
            lines.append(f"Also {child.tag}: {child.get('message') or ''}\n{child.text or ''}".rstrip())
        elif child.tag not in (*_ENDS, *_STREAMS, *_EARLIER, *_LATER, "properties"):
            lines.append(f"{child.tag}: {' '.join(child.itertext()).strip()} {dict(child.attrib) or ''}".rstrip())
    return lines


def _logs(texts: list[tuple[str, str | None]]) -> Iterator[Attachment]:
    for tag, text in texts:
        if text and _has_text(text):
            yield Attachment(name=_STREAMS[tag], data=text.encode("utf-8", "replace"), media_type="text/plain", artifact_type="log")


def _attachments(texts: list[tuple[str, str | None]], case: ET.Element | None, evidence: Evidence) -> Iterator[Attachment | Skipped]:
    values = [(item.get("value") or item.text) for item in case.findall("properties/property")] if case is not None else []
    named = dict.fromkeys(name.strip() for text in [*(text for _, text in texts), *values] for name in _ATTACHMENT.findall(text or ""))
    for name in named:
        yield evidence.attach(name)


def _has_text(text: str | None) -> bool:
    """Whether there is more than the headings that pytest writes around nothing."""
    return bool(text and _PYTEST_HEADING.sub("", text).strip())
