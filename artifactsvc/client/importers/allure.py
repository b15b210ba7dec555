"""Allure results: `*-result.json`, one per attempt of a test, with `*-container.json` for fixtures and the attachments beside them."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from artifactsvc.client.importers.allure_containers import Containers
from artifactsvc.client.importers.assembly import Node, assemble, error_type, key, readable
from artifactsvc.client.importers.files import FAULTS, Evidence, head, media_type, report_files
from artifactsvc.client.importers.mapping import STATUSES
from artifactsvc.client.importers.times import between, from_millis
from artifactsvc.client.report import Attachment, Damaged, ImportFailedError, ReportTest, Skipped, Status

RESULT = "-result.json"
_OTHER_FILES = {"categories.json", "environment.properties", "environment.xml", "executor.json", "testrun.json"}
_TOLD = {
    "name", "fullName", "uuid", "status", "statusDetails", "stage", "start", "stop", "steps", "attachments", "parameters", "labels", "links", "description",
    "descriptionHtml", "testCaseName", "testCaseId", "historyId", "titlePath",
}  # fmt: skip
_FIXTURES = (("befores", "Set up: "), ("afters", "Tear down: "))
_LABELS_OF_SUITE = ("parentSuite", "suite", "subSuite")


class Allure:
    name = "allure"

    def __init__(self) -> None:
        self._containers: dict[Path, Containers] = {}
        self._used: set[Path] = set()

    def finds(self, path: Path) -> bool:
        return next(report_files(path, _is_result), None) is not None

    def read(self, path: Path) -> Iterator[ReportTest | Skipped]:
        """A folder, or one result in it: the watcher's way. The fixtures are those whose containers are there by then."""
        results = [path] if path.is_file() else list(report_files(path, _is_result))
        if not results:
            raise ImportFailedError(f"{path}: no Allure results (*{RESULT}) in there")
        if len(results) > 1:  # in the order in which the tests began: attempts follow each other
            results.sort(key=_began)
        read = 0
        damaged: list[Skipped] = []
        for file in results:
            try:
                items = list(self._read_result(file, path))
            except (OSError, *FAULTS) as error:
                damaged.append(Damaged(str(file), f"no readable Allure result: {error or type(error).__name__}"))
                continue
            read += 1
            self._used.update(item.path for test in items if isinstance(test, ReportTest) for item in test.attachments if item.path)
            yield from items
        if not read:
            raise ImportFailedError(f"{damaged[0].what}: {damaged[0].why}")
        yield from damaged
        if path.is_dir():
            for folder in sorted({file.parent for file in results}):
                yield from self._containers_of(folder).damaged
                yield from _left_over(folder, self._used)

    def read_rest(self, folder: Path) -> Iterator[ReportTest | Skipped]:
        """What reading the results of a folder one by one left: fixtures whose container came later, damaged containers, files that no test names."""
        if not folder.is_dir():
            return
        containers = self._containers_of(folder)
        for file in containers.untold():
            for item in self._read_fixtures(file):
                if isinstance(item, ReportTest):
                    self._used.update(attachment.path for attachment in item.attachments if attachment.path)
                yield item
        yield from containers.damaged
        yield from _left_over(folder, self._used)

    def _read_fixtures(self, file: Path) -> Iterator[ReportTest | Skipped]:
        """The fixtures of one container, as a test of their own."""
        try:
            container = json.loads(file.read_bytes())
            evidence = Evidence(file, file.parent)
            nodes = [_node(item, evidence, prefix) for name, prefix in _FIXTURES for item in container.get(name) or []]
        except (OSError, *FAULTS) as error:
            yield Skipped(str(file), f"no readable Allure container: {error}")
            return
        if not nodes:
            return
        failed = [node for node in nodes if node.columns["status"] == "Failed"]
        times = [node.columns[name] for node in nodes for name in ("started_at", "completed_at") if node.columns[name]]
        name = str(container.get("name") or ", ".join(node.name for node in nodes))
        test = ReportTest(
            key=key("allure", "fixtures", container.get("uuid") or file.name),
            name=f"Fixtures of several tests: {name}",
            status="Failed" if failed else "Passed",
            error_message=failed[0].columns["error_message"] if failed else None,
            error_type=failed[0].columns["error_type"] if failed else None,
            started_at=min(times, default=None),
            completed_at=max(times, default=None),
        )
        lines = [f"Allure's result: {uuid}" for uuid in container.get("children") or []]
        yield from assemble(test, nodes, lines, ())

    def _containers_of(self, folder: Path) -> Containers:
        found = self._containers.get(folder)
        if found is None:
            found = self._containers[folder] = Containers(folder)
        found.refresh()
        return found

    def _read_result(self, file: Path, given: Path) -> Iterator[ReportTest | Skipped]:
        result = json.loads(file.read_bytes())
        if not isinstance(result, dict) or not (result.get("name") or result.get("fullName")):
            raise ValueError("it is no JSON object with a name")
        evidence = Evidence(file, given)
        before, after = self._containers_of(file.parent).fixtures(str(result.get("uuid")))
        details = result.get("statusDetails") or {}
        labels = [(label.get("name"), label.get("value")) for label in result.get("labels") or []]
        start, stop = from_millis(result.get("start")), from_millis(result.get("stop"))
        suites = [str(value) for wanted in _LABELS_OF_SUITE for name, value in labels if name == wanted]
        message = readable(details.get("message"))
        test = ReportTest(
            key=key("allure", result.get("uuid") or result),
            name=str(result.get("name") or result["fullName"]),
            full_name=_full_name(result),
            suite=" > ".join(suites) or None,
            status=_status(result.get("status")),
            duration_ms=between(start, stop),
            error_message=message,
            error_type=error_type(message) or error_type(readable(details.get("trace")), last=True),
            started_at=start,
            completed_at=stop,
        )
        nodes = [
            *(_node(item, evidence, "Set up: ") for item in before),
            *(_node(item, evidence) for item in result.get("steps") or []),
            *(_node(item, evidence, "Tear down: ") for item in after),
        ]
        yield from assemble(test, nodes, _about(result, labels), _files(result, evidence), readable(details.get("trace")))


def _is_result(path: Path) -> bool:
    return path.name.endswith(RESULT) and head(path, 64).lstrip().startswith("{")


def _began(file: Path) -> tuple[float, str]:
    try:
        start = json.loads(file.read_bytes())["start"]
    except (OSError, *FAULTS):
        start = None
    return (start if isinstance(start, int | float) else 0, file.name)


def _status(status: Any) -> Status:
    return STATUSES["allure"].get(status, "Pending")


def _full_name(result: dict[str, Any]) -> str:
    """The name that is the same in every run, different for each set of parameters."""
    parameters = [f"{item.get('name')}={_shown(item)}" for item in result.get("parameters") or [] if not item.get("excluded")]
    return str(result.get("fullName") or result["name"]) + (f"[{', '.join(parameters)}]" if parameters else "")


def _shown(parameter: dict[str, Any]) -> str:
    """A parameter's value; one that the test wants masked or hidden stays so."""
    return {"masked": "******", "hidden": "(hidden)"}.get(str(parameter.get("mode")), str(parameter.get("value")))


def _about(result: dict[str, Any], labels: list[tuple[Any, Any]]) -> list[str]:
    details = result.get("statusDetails") or {}
    return [
        *(str(result[name]) for name in ("description",) if result.get(name)),
        *([f"Description (HTML): {result['descriptionHtml']}"] if result.get("descriptionHtml") else []),
        *(f"Parameter {item.get('name')}: {_shown(item)}" for item in result.get("parameters") or []),
        *(f"Label {name}: {value}" for name, value in labels),
        *(f"Link ({item.get('type') or 'link'}) {item.get('name') or ''}: {item.get('url')}" for item in result.get("links") or []),
        *(f"{word.capitalize()}: yes" for word in ("known", "muted", "flaky") if details.get(word)),
        *(f"{word.capitalize()}: {details[word]}" for word in ("expected", "actual") if details.get(word)),
        *([f"Status in Allure: {result.get('status')}"] if result.get("status") not in ("passed", "failed", "skipped") else []),
        *(f"{name}: {result[name]}" for name in ("testCaseName", "testCaseId", "historyId") if result.get(name)),
        *([f"titlePath: {' > '.join(map(str, result['titlePath']))}"] if result.get("titlePath") else []),
        *(f"{name}: {value}" for name, value in result.items() if name not in _TOLD and value not in (None, "", [], {})),
    ]


def _files(item: dict[str, Any], evidence: Evidence) -> Iterator[Attachment | Skipped]:
    for attachment in item.get("attachments") or []:
        source, name = str(attachment.get("source") or ""), str(attachment.get("name") or "")
        found = evidence.attach(source, attachment.get("type"), name=name or None)
        if isinstance(found, Attachment) and media_type(name) is None and not name.endswith(Path(source).suffix):
            found.name = (name or "attachment") + Path(source).suffix
        yield found


def _node(item: dict[str, Any], evidence: Evidence, prefix: str = "") -> Node:
    details = item.get("statusDetails") or {}
    start, stop = from_millis(item.get("start")), from_millis(item.get("stop"))
    status = _status(item.get("status"))
    message, trace = readable(details.get("message")), readable(details.get("trace"))
    known = {"name", "status", "statusDetails", "start", "stop", "steps", "attachments", "parameters", "stage"}
    name = str(item.get("name") or "step")
    return Node(
        prefix + name,
        step_type="execute_script" if prefix else None,  # a fixture is named as the code likes
        lines=[
            *(f"Parameter {parameter.get('name')}: {_shown(parameter)}" for parameter in item.get("parameters") or []),
            *([f"Status in Allure: {item['status']}"] if item.get("status") in ("broken", "unknown") else []),
            *(f"{name}: {value}" for name, value in item.items() if name not in known and value not in (None, "", [], {})),
        ],
        columns={
            "status": status,
            "error_message": message,
            "error_type": (error_type(message) or error_type(trace, last=True)) if status == "Failed" else None,
            "stack_trace": trace,
            "started_at": start,
            "completed_at": stop,
            "duration_ms": between(start, stop),
        },
        files=list(_files(item, evidence)),
        children=[_node(child, evidence) for child in item.get("steps") or []],
    )


def _left_over(folder: Path, used: set[Path]) -> Iterator[Skipped]:
    """Files of the folder that no test names."""
    root = folder.resolve()
    for file in sorted(root.iterdir()):
        if file.name in _OTHER_FILES:
            yield Skipped(str(file), "tells of the whole run, not of a test")
        elif "-attachment" in file.name and file not in used:
            yield Skipped(str(file), "no test names it")
