"""Row -> JSON: one function per noun. The one place that knows what a client sees."""

from datetime import datetime
from typing import Any

from artifactsvc.services.artifacts import Stored
from artifactsvc.services.paging import Page
from artifactsvc.services.steps import StepList

_STEP_HIDDEN = ("test_case_result_id", "screenshot_artifact_id", "created_at")


def timestamp(moment: datetime | None) -> str | None:
    """UTC with milliseconds and `Z` (decisions.md, 3)."""
    return None if moment is None else moment.isoformat(timespec="milliseconds")[:23] + "Z"


def limits_json(settings: Any, version: str) -> dict[str, Any]:
    """Sizes are bytes."""
    names = ("max_file_size", "batch_max_files", "allowed_types", "step_types", "max_steps", "max_json_size", "max_field_size")
    return {"version": version, **{name: getattr(settings, name) for name in names}}


def page_json(page: Page, items: list[dict[str, Any]]) -> dict[str, Any]:
    return {"total": page.total, "page": page.page, "per_page": page.per_page, "items": items}


def _columns(row: Any) -> dict[str, Any]:
    columns = dict(row) if isinstance(row, dict) else row._asdict()
    for name in ("started_at", "completed_at", "created_at", "captured_at", "uploaded_at"):
        if name in columns:
            columns[name] = timestamp(columns[name])
    return columns


def test_run_json(row: Any) -> dict[str, Any]:
    return _columns(row)


def test_case_result_json(row: Any) -> dict[str, Any]:
    return _columns(row)


def download_url(base: str, artifact_id: str) -> str:
    return f"{base}/artifacts/{artifact_id}/download"


def artifact_json(row: Any, base: str) -> dict[str, Any]:
    """Endpoint 7. `base` is the path of the API, `/api/v1/reports`."""
    return {
        "id": row.id,
        "test_case_result_id": row.test_case_result_id,
        "artifact_type": row.artifact_type,
        "file_name": row.file_name,
        "file_size": row.file_size,
        "mime_type": row.mime_type,
        "checksum": row.checksum,
        "storage_path": "artifacts/" + row.storage_path,
        "step_number": row.step_number,
        "iteration_number": row.iteration_number,
        "artifact_category": row.artifact_category,
        "description": row.description,
        "download_url": download_url(base, row.id),
        "captured_at": timestamp(row.captured_at),
        "uploaded_at": timestamp(row.uploaded_at),
    }


def listed_artifact_json(row: Any, base: str) -> dict[str, Any]:
    """An item of endpoint 5, also beside its step in endpoint 2."""
    return {
        "id": row.id,
        "artifact_type": row.artifact_type,
        "file_name": row.file_name,
        "file_size": row.file_size,
        "mime_type": row.mime_type,
        "step_number": row.step_number,
        "iteration_number": row.iteration_number,
        "artifact_category": row.artifact_category,
        "download_url": download_url(base, row.id),
        "captured_at": timestamp(row.captured_at),
    }


def stored_artifact_json(stored: Stored, base: str) -> dict[str, Any]:
    """Endpoint 3's 201."""
    row = stored.row
    names = ("id", "test_case_result_id", "artifact_type", "file_name", "file_size", "mime_type", "checksum")
    answer = {name: row[name] for name in names}
    answer["storage_path"] = "artifacts/" + row["storage_path"]
    for name in ("step_number", "iteration_number", "artifact_category", "description"):
        answer[name] = row[name]
    answer["download_url"] = download_url(base, row["id"])
    answer["captured_at"] = timestamp(row["captured_at"])
    answer["uploaded_at"] = timestamp(row["uploaded_at"])
    return _with_link(answer, stored)


def batched_artifact_json(stored: Stored, base: str) -> dict[str, Any]:
    """An item of `artifacts` in endpoint 4's 201 and 207."""
    row = stored.row
    answer = {"id": row["id"], "file_name": row["file_name"], "step_number": row["step_number"], "download_url": download_url(base, row["id"])}
    return _with_link(answer, stored)


def _with_link(answer: dict[str, Any], stored: Stored) -> dict[str, Any]:
    if stored.wants_step:
        answer["linked_step_id"] = stored.linked_step_id
    return answer


def step_json(row: Any) -> dict[str, Any]:
    """A step by itself, every column."""
    return _columns(row)


def step_list_json(result_id: str, found: StepList, base: str) -> dict[str, Any]:
    """Endpoint 2."""
    counts = found.counts
    steps = []
    screenshots, by_number = _index_artifacts(found.artifacts, base)
    for row in found.steps:
        step = row._asdict()
        step["started_at"] = timestamp(step["started_at"])
        step["completed_at"] = timestamp(step["completed_at"])
        shot = step["screenshot_artifact_id"]
        for name in _STEP_HIDDEN:
            del step[name]
        if found.artifacts is not None:
            step["screenshot"] = screenshots.get(shot)
            step["artifacts"] = by_number.get(step["step_number"], [])
        steps.append(step)
    return {
        "test_case_result_id": result_id,
        "total_steps": sum(counts.values()),
        "passed_steps": counts.get("Passed", 0),
        "failed_steps": counts.get("Failed", 0),
        "skipped_steps": counts.get("Skipped", 0),
        "pending_steps": counts.get("Pending", 0),
        "steps": steps,
    }


def _index_artifacts(artifacts: Any, base: str) -> tuple[dict[str, dict[str, Any]], dict[int, list[dict[str, Any]]]]:
    """The same artifacts twice: in the form of a screenshot by id, in the form of a list by step number."""
    screenshots = {}
    by_number: dict[int, list[dict[str, Any]]] = {}
    for row in artifacts or ():
        listed = listed_artifact_json(row, base)
        screenshots[row.id] = {"id": row.id, "url": listed["download_url"], "file_name": row.file_name, "file_size": row.file_size}
        if row.step_number is not None:
            by_number.setdefault(row.step_number, []).append(listed)
    return screenshots, by_number
