"""Robot Framework's keywords and control structures, each with what is in it, as nested steps."""

import xml.etree.ElementTree as ET
from typing import Any

from artifactsvc.client.importers.assembly import Node, error_type
from artifactsvc.client.importers.files import Evidence
from artifactsvc.client.importers.mapping import OTHER_STEPS, STATUSES, step_type
from artifactsvc.client.importers.robot_messages import Message, files_of, message, text_of
from artifactsvc.client.importers.times import between, from_text, later, millis

STEPS = frozenset({
    "kw", "for", "while", "iter", "if", "try", "branch", "group", "variable", "return", "break", "continue", "error",
})  # fmt: skip
_PREFIXES = {"SETUP": "Set up: ", "TEARDOWN": "Tear down: "}
# libraries whose keywords take the element first, and what is typed or chosen behind it
_BROWSER_LIBRARIES = frozenset({"SeleniumLibrary", "Browser", "AppiumLibrary"})
_ON_ELEMENT = frozenset({"click", "type", "select", "hover", "scroll", "upload_file"})


def outcome(element: ET.Element) -> dict[str, Any]:
    """Status, error and times of a test or step, as columns of both."""
    status = element.find("status")
    if status is None:
        return dict.fromkeys(("error_message", "started_at", "completed_at", "duration_ms")) | {"status": "Pending"}
    start = from_text(status.get("start") or status.get("starttime"))
    end = from_text(status.get("endtime"))
    duration = millis(status.get("elapsed"), 1000) if status.get("elapsed") else between(start, end)
    text = text_of(status)
    return {
        "status": STATUSES["robot"].get(status.get("status", ""), "Pending"),
        "error_message": text or None,
        "started_at": start,
        "completed_at": end or later(start, duration),
        "duration_ms": duration,
    }


def step(element: ET.Element, evidence: Evidence, prefix: str | None = None, iteration: int = 1) -> Node:
    """Parameters: `prefix`, put in front of the name, instead of the usual one of a set-up or tear-down; `iteration`, of the loop around it."""
    messages = [message(item) for item in element.iterfind("msg")]
    columns = outcome(element)
    failures = [item.text for item in messages if item.level in ("FAIL", "SKIP")]
    trace = next((item.text for item in messages if item.level in ("DEBUG", "TRACE") and item.text.startswith("Traceback")), None)
    failed = columns["status"] == "Failed"
    columns["error_message"] = columns["error_message"] or (failures[0] if failures else None)
    columns["stack_trace"] = trace
    columns["error_type"] = (error_type(trace, last=True) or error_type(columns["error_message"])) if failed else None
    arguments = _texts(element, "arg") or _texts(element, "arguments/arg")
    kind = _kind(element, arguments)
    if element.get("owner", element.get("library")) in _BROWSER_LIBRARIES:
        columns |= _element(kind, arguments)
    name = (_PREFIXES.get(element.get("type", "").upper(), "") if prefix is None else prefix) + _name(element, iteration)
    return Node(
        name,
        step_type=kind,
        lines=_lines(element, arguments, messages),
        columns=columns,
        files=files_of(messages, evidence, iteration),
        children=_children(element, evidence, iteration),
    )


def _children(element: ET.Element, evidence: Evidence, iteration: int) -> list[Node]:
    children, rounds = [], 0
    for child in element:
        if child.tag in STEPS:
            rounds += child.tag == "iter"
            children.append(step(child, evidence, iteration=rounds if child.tag == "iter" else iteration))
    return children


def _kind(element: ET.Element, arguments: list[str]) -> str:
    name = element.get("name")
    if element.tag != "kw" or not name or (element.get("owner", element.get("library")) == "BuiltIn" and name in ("Log", "Log Many", "Log To Console")):
        return OTHER_STEPS
    if name.lower().replace("_", " ") == "handle alert" and any("dismiss" in argument.lower() for argument in arguments):
        return "dismiss_alert"
    return step_type(name)


def _element(kind: str, arguments: list[str]) -> dict[str, Any]:
    if kind in _ON_ELEMENT and arguments:
        return {"element_selector": arguments[0], "input_value": ", ".join(arguments[1:]) or None}
    return {"input_value": arguments[0]} if kind == "navigate" and arguments else {}


def _name(element: ET.Element, iteration: int) -> str:
    values = _texts(element, "value")
    variables = [item.text or "" for item in element.iterfind("var")]
    match element.tag:
        case "kw":
            return element.get("name") or element.get("type") or "keyword"
        case "for":
            return f"FOR {', '.join(variables)} {element.get('flavor', 'IN')} {', '.join(values)}"
        case "while":
            return f"WHILE {element.get('condition') or ''}".rstrip()
        case "iter":
            loop = [f"{item.get('name')} = {item.text or ''}" for item in element.iterfind("var")]
            return f"Iteration {iteration}: {', '.join(loop)}".rstrip(": ")
        case "branch":
            return " ".join(filter(None, (element.get("type"), element.get("condition"), *_texts(element, "pattern"))))
        case "variable":
            return f"VAR {element.get('name')} = {', '.join(variables)}"
        case "group":
            return f"GROUP {element.get('name') or ''}".rstrip()
        case "if":
            return "IF / ELSE"
        case "try":
            return "TRY / EXCEPT"
    return " ".join([element.tag.upper(), *values])


def _lines(element: ET.Element, arguments: list[str], messages: list[Message]) -> list[str]:
    library = element.get("owner", element.get("library"))
    doc, timeout = element.find("doc"), element.find("timeout")
    named = {"name", "owner", "library", "type", "condition", "flavor"}
    return [
        *([f"Library: {library}"] if library else []),
        *([f"Sets: {', '.join(_texts(element, 'var'))}"] if element.tag == "kw" and element.find("var") is not None else []),
        *([f"Arguments: {', '.join(arguments)}"] if arguments else []),
        *([f"Documentation: {doc.text}"] if doc is not None and doc.text else []),
        *(f"Tag: {tag.text}" for tag in element.iterfind("tag")),
        *([f"Timeout: {timeout.get('value')}"] if timeout is not None else []),
        *(f"{name}: {value}" for name, value in element.attrib.items() if name not in named and value),
        *([f"Status in Robot Framework: {status}"] if (status := _status(element)) == "NOT RUN" else []),
        *(f"{item.time} {item.level} {item.text}".strip() for item in messages),
    ]


def _status(element: ET.Element) -> str | None:
    status = element.find("status")
    return status.get("status") if status is not None else None


def _texts(element: ET.Element, path: str) -> list[str]:
    return [item.text or "" for item in element.iterfind(path)]
