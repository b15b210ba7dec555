"""Robot Framework's output.xml, versions 6 and 7: keywords and control structures as steps.

A suite's set-up goes to its first test, its tear-down to its last one. The file is read twice, since it tells of a tear-down behind the tests.
"""

import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from artifactsvc.client.importers.assembly import Node, assemble, error_type, key
from artifactsvc.client.importers.files import FAULTS, Evidence, read_reports, report_files
from artifactsvc.client.importers.robot_messages import text_of
from artifactsvc.client.importers.robot_steps import STEPS, outcome, step
from artifactsvc.client.importers.xml_stream import parse, root_tag
from artifactsvc.client.report import Damaged, ImportFailedError, ReportTest, Skipped


@dataclass
class _Suite:
    """What of a suite concerns its tests. `first` and `last`: the positions of its tests in the file."""

    lines: list[str] = field(default_factory=list)
    setup: ET.Element | None = None
    teardown: ET.Element | None = None
    first: int = -1
    last: int = -1


class Robot:
    name = "robot"

    def finds(self, path: Path) -> bool:
        return next(report_files(path, _is_report), None) is not None

    def read(self, path: Path) -> Iterator[ReportTest | Skipped]:
        return read_reports(path, _is_report, lambda file: _read(file, Evidence(file, path)), "Robot Framework")


def _is_report(path: Path) -> bool:
    return path.suffix.lower() == ".xml" and root_tag(path) == "robot"


def _survey(file: Path) -> tuple[list[_Suite], list[str]]:
    """The suites in the order in which they begin, as far as the file is whole, and the messages of the run."""
    suites: list[_Suite] = []
    path: list[tuple[ET.Element, _Suite | None]] = []
    errors: list[str] = []
    tests = 0
    try:
        for event, element in parse(file):
            if event == "start":
                suites += [_Suite()] if element.tag == "suite" and not _in_test(path) else []
                path.append((element, suites[-1] if element.tag == "suite" else None))
                continue
            path.pop()
            parent, suite = path[-1] if path else (None, None)
            if suite is not None and parent is not None:
                if element.tag == "test":
                    for _, around in path:
                        if around is not None:
                            around.first = tests if around.first < 0 else around.first
                            around.last = tests
                    tests += 1
                elif element.tag in STEPS:
                    name = "setup" if element.get("type", "").upper() == "SETUP" else "teardown"
                    setattr(suite, name, element)
                elif element.tag == "doc" and element.text:
                    suite.lines.append(f"Suite {parent.get('name')}: {element.text}")
                elif element.tag in ("meta", "metadata"):
                    suite.lines += [
                        f"Metadata of suite {parent.get('name')}, {item.get('name')}: {item.text or ''}" for item in element.iter() if item.get("name")
                    ]
                parent.remove(element)
            elif element.tag == "msg" and parent is not None and parent.tag == "errors":
                errors.append(f"{element.get('level')}: {text_of(element)}")
    except ImportFailedError:
        pass  # the second reading comes to the same place, and tells
    return suites, errors


def _in_test(path: list[tuple[ET.Element, _Suite | None]]) -> bool:
    return any(element.tag == "test" for element, _ in path)


def _read(file: Path, evidence: Evidence) -> Iterator[ReportTest | Skipped]:
    suites, errors = _survey(file)
    coming = iter(suites)
    path: list[tuple[ET.Element, _Suite | None]] = []
    number = 0
    root: ET.Element | None = None
    for event, element in parse(file):
        if event == "start":
            if root is None:
                root = element
                if root.tag != "robot":
                    raise ImportFailedError(f"{file}: no output.xml of Robot Framework; its root is <{root.tag}>")
            path.append((element, next(coming) if element.tag == "suite" and not _in_test(path) else None))
            continue
        path.pop()
        parent, suite = path[-1] if path else (None, None)
        if suite is None or parent is None:
            continue
        if element.tag == "test" and root is not None:
            around = [(item, of) for item, of in path if of is not None]
            try:
                yield from _test(element, number, around, root, evidence)
            except FAULTS as error:
                yield Damaged(f"{file}: test {element.get('name')}", f"damaged: {error}")
            number += 1
        parent.remove(element)
    if errors:
        yield Skipped(f"{file}: {len(errors)} messages of the run", "belong to no test; the first: " + errors[0])


def _test(test: ET.Element, number: int, around: list[tuple[ET.Element, _Suite]], root: ET.Element, evidence: Evidence) -> Iterator[ReportTest | Skipped]:
    names = [suite.get("name") or "" for suite, _ in around]
    name = test.get("name") or "unnamed"
    columns = outcome(test)
    result = ReportTest(
        key=key("robot", root.get("generated"), root.get("generator"), number, ET.tostring(test)),
        name=name,
        full_name=".".join([*names, name]),
        suite=".".join(names) or None,
        **{column: columns[column] for column in ("status", "duration_ms", "error_message", "started_at", "completed_at")},
    )
    nodes: list[Node] = []
    setups = [(suite.get("name"), parts.setup) for suite, parts in around if parts.setup is not None and parts.first == number]
    teardowns = [(suite.get("name"), parts.teardown) for suite, parts in reversed(around) if parts.teardown is not None and parts.last == number]
    nodes += [step(element, evidence, f"Set up of suite {suite}: ") for suite, element in setups]
    nodes += [step(child, evidence) for child in test if child.tag in STEPS]
    nodes += [step(element, evidence, f"Tear down of suite {suite}: ") for suite, element in teardowns]
    for suite, parts in around:  # as Robot's own log counts it: a tear-down that fails, fails the tests of the suite that had passed
        if parts.teardown is not None and outcome(parts.teardown)["status"] == "Failed" and result.status == "Passed":
            result.status = "Failed"
            why = outcome(parts.teardown)["error_message"]
            result.error_message = f"Tear down of suite {suite.get('name')} failed: {why or 'no message'}"
    result.error_type = next((node.columns["error_type"] for node in nodes if node.columns["error_type"]), None) if result.status == "Failed" else None
    result.error_type = result.error_type or (error_type(result.error_message) if result.status == "Failed" else None)
    timeout = test.find("timeout")
    lines = [
        *([element.text] if (element := test.find("doc")) is not None and element.text else []),
        *(f"Tag: {element.text}" for element in test.iterfind("tag")),
        *(f"Tag: {element.text}" for element in test.iterfind("tags/tag")),
        *([f"Timeout: {timeout.get('value')}"] if timeout is not None else []),
        *([f"Line: {test.get('line')}"] if test.get("line") else []),
        *(line for _, parts in around for line in parts.lines),
    ]
    yield from assemble(result, nodes, lines, [])
