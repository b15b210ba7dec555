"""What the importers make of the kept reports is what the API takes, and keeps as it is."""

import json
from dataclasses import asdict, fields
from datetime import UTC, datetime
from pathlib import Path

import pytest

from artifactsvc.client.importers import find_importer
from artifactsvc.client.report import Attachment, ReportStep, ReportTest
from tests.api import BASE

REPORTS = Path(__file__).resolve().parents[1] / "reports"
TYPES = "image/png, application/json, text/plain, video/webm, application/zip"


def as_json(value):
    return {name: item.isoformat() if isinstance(item, datetime) else item for name, item in value.items()}


def as_kept(value):
    """A time as the API gives it: UTC, with milliseconds."""
    if not isinstance(value, datetime):
        return value
    return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def data_of(attachment: Attachment) -> bytes:
    return attachment.data if attachment.path is None else attachment.path.read_bytes()


@pytest.mark.ini(**{"artifact.allowed_types": TYPES})
@pytest.mark.parametrize("tool", ["allure", "junit", "mochawesome", "native", "playwright", "robot"])
def test_tests_steps_and_files_of_a_report_are_kept_as_imported(testapp, tool):
    columns = {field.name for field in fields(ReportTest)} - {"key", "steps", "attachments"}
    for test in find_importer(REPORTS / tool).read(REPORTS / tool):
        if not isinstance(test, ReportTest):
            continue
        result = testapp.post_json(f"{BASE}/test-case-results", as_json({name: getattr(test, name) for name in columns}), status=201).json
        assert {name: result[name] for name in columns} == {name: as_kept(getattr(test, name)) for name in columns}
        url = f"{BASE}/test-case-results/{result['id']}"
        if test.steps:
            testapp.post_json(f"{url}/steps", {"steps": [as_json(asdict(step)) for step in test.steps]}, status=201)
        if test.attachments:
            send_files(testapp, url, test.attachments)
        kept = testapp.get(f"{url}/steps").json["steps"]
        names = [field.name for field in fields(ReportStep)]
        assert [{name: step[name] for name in names} for step in kept] == [{name: as_kept(getattr(step, name)) for name in names} for step in test.steps]
        linked = {item.step_number: item for item in test.attachments if item.link_to_step}
        assert {step["step_number"] for step in kept if step["screenshot"]} == set(linked)
        for step in kept:
            if step["screenshot"]:
                assert testapp.get(step["screenshot"]["url"]).body == data_of(linked[step["step_number"]])


def send_files(testapp, url, attachments):
    names = ("artifact_type", "artifact_category", "step_number", "iteration_number", "description", "link_to_step")
    metadata = [{"file_index": index, **{name: getattr(item, name) for name in names}} for index, item in enumerate(attachments)]
    files = [("files", item.name, data_of(item), item.media_type) for item in attachments]
    answer = testapp.post(f"{url}/artifacts/batch", {"metadata": json.dumps(metadata)}, upload_files=files, status=201).json
    for item, artifact in zip(attachments, answer["artifacts"], strict=True):
        assert testapp.get(artifact["download_url"]).body == data_of(item)
