"""A report's test as JSON and back, for the spool."""

from dataclasses import fields
from datetime import datetime
from pathlib import Path
from typing import Any

from artifactsvc.client.report import Attachment, ReportStep, ReportTest

_TIMES = ("started_at", "completed_at", "captured_at")


def test_to_json(test: ReportTest, attachments: list[tuple[Attachment, str]]) -> dict[str, Any]:
    """`attachments`: each with the name of its file in the spool."""
    return {
        **_plain(test, ("steps", "attachments")),
        "steps": [_plain(step) for step in test.steps],
        "attachments": [{**_plain(item, ("path", "data")), "path": file} for item, file in attachments],
    }


def test_from_json(value: dict[str, Any], folder: Path) -> ReportTest:
    """`folder`: where the files are."""
    steps = [ReportStep(**_dated(step)) for step in value["steps"]]
    attachments = [Attachment(**_dated({**item, "path": folder / item["path"]})) for item in value["attachments"]]
    return ReportTest(**_dated({**value, "steps": steps, "attachments": attachments}))


def _plain(item: Any, without: tuple[str, ...] = ()) -> dict[str, Any]:
    values = {entry.name: getattr(item, entry.name) for entry in fields(item) if entry.name not in without}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in values.items() if value is not None}


def _dated(value: dict[str, Any]) -> dict[str, Any]:
    return {name: datetime.fromisoformat(item) if name in _TIMES and item else item for name, item in value.items()}


test_to_json.__test__ = test_from_json.__test__ = False  # type: ignore[attr-defined]
