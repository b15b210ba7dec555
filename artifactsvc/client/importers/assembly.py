"""From a tree of nested steps to the flat steps of the contract.

The first line of a nested step's description is `Depth: 2 · in: Login > Fill form`; a step without it is not nested. What a report says of a test and no
column holds stands in one more step behind the others, "Outcome of the test", together with its traceback: the contract's tests have no description.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from artifactsvc.client.importers.mapping import OUTCOME_STEP, category, step_type
from artifactsvc.client.report import Attachment, ReportStep, ReportTest, Skipped

OUTCOME = "Outcome of the test"
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_ERROR_TYPE = re.compile(
    r"^\s*(?:E\s+)?((?:[A-Za-z_][\w.]*)?(?:Error|Exception|Failure|Fault|Warning|Interrupt|Exit|NotFound|Timeout))\b(?:\s\[\w+\])?(?::|\s*$)", re.MULTILINE
)
# one screenshot can stand for a step: what shows the error, else the newest
_PREFERRED = {"before": 0, "checkpoint": 1, "after": 2, "error": 3}


@dataclass
class Node:
    """A step as the tool has it: with its children, and the lines for its description. `columns`: more fields of ReportStep."""

    name: str
    step_type: str | None = None  # None: by the name
    lines: list[str] = field(default_factory=list)
    columns: dict[str, Any] = field(default_factory=dict)
    files: list[Attachment | Skipped] = field(default_factory=list)
    children: "list[Node]" = field(default_factory=list)


def assemble(
    test: ReportTest, nodes: Iterable[Node], lines: list[str], files: Iterable[Attachment | Skipped], stack_trace: str | None = None
) -> Iterator[ReportTest | Skipped]:
    """Yields the test with its steps and files, then what of it is skipped.

    Parameters: `nodes`, the outermost steps; `lines`, what the report says of the test beside its columns; `files`, those of the test as a whole.
    """
    skipped: list[Skipped] = []
    # not by recursion: a report may nest as deeply as it likes
    waiting: list[tuple[Node, tuple[str, ...]]] = [(node, ()) for node in reversed(list(nodes))]
    while waiting:
        node, path = waiting.pop()
        step = _step(node, len(test.steps) + 1, path)
        test.steps.append(step)
        for file in node.files:
            if isinstance(file, Skipped):
                skipped.append(file)
            else:
                file.step_number = step.step_number
                test.attachments.append(file)
        waiting.extend((child, (*path, node.name)) for child in reversed(node.children))
    if lines or stack_trace or (test.status == "Failed" and not any(step.status == "Failed" for step in test.steps)):
        test.steps.append(_outcome(test, lines, stack_trace))
    for file in files:
        if isinstance(file, Skipped):
            skipped.append(file)
        else:
            test.attachments.append(file)
    _link_screenshots(test)
    yield test
    for item in skipped:
        yield Skipped(f"{test.full_name or test.name}: {item.what}", item.why)


def _step(node: Node, number: int, path: tuple[str, ...]) -> ReportStep:
    lines = [f"Depth: {len(path)} · in: {' > '.join(path)}"] if path else []
    kind = node.step_type or step_type(node.name)
    return ReportStep(number, kind, action=node.name, description="\n".join([*lines, *node.lines]) or None, **node.columns)


def _outcome(test: ReportTest, lines: list[str], stack_trace: str | None) -> ReportStep:
    failed = test.status == "Failed"
    return ReportStep(
        len(test.steps) + 1,
        OUTCOME_STEP,
        action=OUTCOME,
        description="\n".join(lines) or None,
        status=test.status,
        error_message=test.error_message if failed else None,
        error_type=test.error_type if failed else None,
        stack_trace=stack_trace,
        started_at=test.completed_at,
        completed_at=test.completed_at,
    )


def _link_screenshots(test: ReportTest) -> None:
    statuses = {step.step_number: step.status for step in test.steps}
    failed = [number for number, status in statuses.items() if status == "Failed"]
    # the innermost comes last; the outcome only when no step says where it failed
    failing = max((number for number in failed if test.steps[number - 1].action != OUTCOME), default=failed[-1] if failed else None)
    best: dict[int, Attachment] = {}
    for file in test.attachments:
        if file.artifact_type != "screenshot":
            continue
        if file.artifact_category is None:
            status = test.status if file.step_number is None else statuses.get(file.step_number)
            file.artifact_category = category(file.name, status == "Failed")
        if file.step_number is None and file.artifact_category == "error":
            file.step_number = failing
        if file.step_number is not None:
            other = best.get(file.step_number)
            if other is None or _PREFERRED[file.artifact_category] >= _PREFERRED[other.artifact_category or "before"]:
                best[file.step_number] = file
    for file in best.values():
        file.link_to_step = True


def key(tool: str, *parts: Any) -> str:
    """The same for the same parts, whenever and wherever."""
    return f"{tool}-{hashlib.sha256(repr(parts).encode()).hexdigest()[:40]}"


def readable(text: Any) -> str | None:
    """A text without a terminal's colours; None for nothing."""
    return (_ANSI.sub("", text if isinstance(text, str) else str(text)) or None) if text is not None else None


def error_type(text: str | None, last: bool = False) -> str | None:
    """`TimeoutError` of "TimeoutError: page.click: …": the first one at the start of a line, in a Python traceback the last."""
    found = _ERROR_TYPE.findall(text) if text else []
    return found[-1 if last else 0] if found else None
