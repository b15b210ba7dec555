"""Row -> JSON: every key of the contract, and one way to write a time."""

from collections import namedtuple
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artifactsvc import representations
from artifactsvc.models import Artifact, Step
from artifactsvc.representations import timestamp
from artifactsvc.schemas.types import Timestamp
from artifactsvc.services.artifacts import Stored
from artifactsvc.services.paging import Page
from artifactsvc.services.steps import StepList

NOW = datetime(2026, 1, 24, 12, 0, 1, 250_999, UTC)
ArtifactRow = namedtuple("ArtifactRow", Artifact.__table__.columns.keys())
StepRow = namedtuple("StepRow", Step.__table__.columns.keys())


def artifact(**values):
    row = {
        **dict.fromkeys(ArtifactRow._fields),
        "id": "a1",
        "storage_path": "2026/01/24/r/step_001.png",
        "file_name": "s.png",
        "file_size": 5,
        "uploaded_at": NOW,
        **values,
    }
    return ArtifactRow(**row)


def step(**values):
    return StepRow(**{**dict.fromkeys(StepRow._fields), "id": "s1", "step_number": 1, "status": "Passed", **values})


@pytest.mark.parametrize(
    ("moment", "text"),
    [
        (None, None),
        (NOW, "2026-01-24T12:00:01.250Z"),
        (datetime(2026, 1, 24, tzinfo=UTC), "2026-01-24T00:00:00.000Z"),
        (datetime(1, 1, 1, tzinfo=UTC), "0001-01-01T00:00:00.000Z"),
        (datetime(9999, 12, 31, 23, 59, 59, 999_999, UTC), "9999-12-31T23:59:59.999Z"),
    ],
)
def test_time_is_utc_with_milliseconds_when_written(moment, text):
    assert timestamp(moment) == text


@given(st.datetimes(timezones=st.just(UTC)))
def test_time_reads_back_when_written(moment):
    assert Timestamp().deserialize(None, timestamp(moment)) == moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def test_artifact_has_the_keys_of_the_contract_when_shown():
    shown = representations.artifact_json(artifact(captured_at=NOW), "/base")
    assert list(shown) == [
        "id", "test_case_result_id", "artifact_type", "file_name", "file_size", "mime_type", "checksum", "storage_path", "step_number", "iteration_number",
        "artifact_category", "description", "download_url",
        "captured_at", "uploaded_at",
    ]  # fmt: skip
    assert shown["storage_path"] == "artifacts/2026/01/24/r/step_001.png"
    assert shown["download_url"] == "/base/artifacts/a1/download"
    assert (shown["captured_at"], shown["uploaded_at"]) == ("2026-01-24T12:00:01.250Z",) * 2


def test_artifact_has_the_same_keys_when_stored_and_when_shown():
    row = artifact()
    assert representations.stored_artifact_json(Stored(row._asdict()), "/base") == representations.artifact_json(row, "/base")


@pytest.mark.parametrize("represent", [representations.stored_artifact_json, representations.batched_artifact_json])
def test_linked_step_is_told_when_it_was_asked_for(represent):
    row = artifact()._asdict()
    assert "linked_step_id" not in represent(Stored(row), "/base")
    assert represent(Stored(row, wants_step=True), "/base")["linked_step_id"] is None
    assert represent(Stored(row, wants_step=True, linked_step_id="s1"), "/base")["linked_step_id"] == "s1"


def test_steps_have_their_artifacts_when_wanted():
    shot, other, far = artifact(step_number=1), artifact(id="a2", step_number=1), artifact(id="a3")
    found = StepList(
        {"Passed": 1, "Pending": 1}, [step(screenshot_artifact_id="a1", started_at=NOW), step(step_number=2, screenshot_artifact_id="gone")], [shot, other, far]
    )
    shown = representations.step_list_json("r", found, "/base")
    assert {key: value for key, value in shown.items() if key != "steps"} == {
        "test_case_result_id": "r", "total_steps": 2, "passed_steps": 1, "failed_steps": 0, "skipped_steps": 0, "pending_steps": 1,
    }  # fmt: skip
    first, second = shown["steps"]
    assert first["screenshot"] == {"id": "a1", "url": "/base/artifacts/a1/download", "file_name": "s.png", "file_size": 5}
    assert [item["id"] for item in first["artifacts"]] == ["a1", "a2"]
    assert (second["screenshot"], second["artifacts"]) == (None, [])
    assert not {"test_case_result_id", "screenshot_artifact_id", "created_at"} & set(first)
    assert (first["started_at"], first["stack_trace"]) == ("2026-01-24T12:00:01.250Z", None)


def test_steps_have_no_screenshot_when_artifacts_are_not_wanted():
    shown = representations.step_list_json("r", StepList({}, [step()], None), "/base")
    assert not {"screenshot", "artifacts"} & set(shown["steps"][0])


def test_page_has_its_numbers_when_shown():
    assert representations.page_json(Page(7, 2, 3, []), ["x"]) == {"total": 7, "page": 2, "per_page": 3, "items": ["x"]}
