"""Reading a kept report, for the tests of all importers."""

from collections import Counter
from pathlib import Path

from artifactsvc.client.importers import find_importer
from artifactsvc.client.report import Attachment, ReportTest, Skipped

REPORTS = Path(__file__).resolve().parents[3] / "reports"


def read(path: Path, format: str | None = None) -> tuple[list[ReportTest], list[Skipped]]:
    """The tests and what was skipped, by the importer that knows the path."""
    items = list(find_importer(path, format).read(path))
    return [item for item in items if isinstance(item, ReportTest)], [item for item in items if isinstance(item, Skipped)]


def named(tests: list[ReportTest], name: str) -> ReportTest:
    """The one test of this name."""
    (test,) = [test for test in tests if test.name == name]
    return test


def content(attachment: Attachment) -> bytes:
    if attachment.data is not None:
        assert attachment.path is None
        return attachment.data
    assert attachment.path is not None
    return attachment.path.read_bytes()


def attached(test: ReportTest, name: str) -> Attachment:
    (found,) = [item for item in test.attachments if item.name == name]
    return found


def statuses(tests: list[ReportTest]) -> Counter[str]:
    return Counter(test.status for test in tests)


def outline(test: ReportTest) -> list[tuple[str, str | None, str]]:
    """(type, action, status) of each step."""
    return [(step.step_type, step.action, step.status) for step in test.steps]
