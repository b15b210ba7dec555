"""`/results/{id}`: one test result, opened at the step that failed. The heart of the product."""

from typing import Any

from pyramid.httpexceptions import HTTPNotFound

from artifactsvc.resources import ResultPage
from artifactsvc.schemas.pages import GalleryQuery, ResultQuery
from artifactsvc.security import Permission
from artifactsvc.services import differences, reports, stack_traces, test_runs
from artifactsvc.views.pages.config import page_view
from artifactsvc.views.pages.highlight import highlight_lines

GALLERY_PAGE = 240
MOST_TABS = 8  # screenshots of one step; app.css has a rule for each. The rest are among its artifacts
_BEST = {"error": 0, "after": 1, None: 2, "checkpoint": 3, "before": 4}


@page_view(context=ResultPage, permission=Permission.READ, template="result.jinja2", query=ResultQuery)
def result(context: ResultPage, request: Any) -> dict[str, Any]:
    row, db = context.row, request.dbread
    report = reports.read_report(db, row)
    previous_failed, next_failed = reports.neighbours(db, row)
    number = chosen(report.steps, request.validated["step"], row.status)
    iterations = sorted({file.iteration_number for file in report.files})
    iteration = request.validated["iteration"] or (iterations[-1] if iterations else 1)
    return {
        "result": row,
        "run": test_runs.find_run(db, row.test_run_id) if row.test_run_id else None,
        "steps": report.steps,
        "longest": max((step.duration_ms or 0 for step in report.steps), default=0),
        "failed_numbers": [step.step_number for step in report.steps if step.status == "Failed"],
        "own_error": has_own_error(row, report.steps),
        "history": report.history,
        "previous_failed": previous_failed,
        "next_failed": next_failed,
        "iterations": iterations,
        "film": [file for file in report.files if is_image(file) and file.iteration_number == iteration],
        "files": report.files,
        "number": number,
        **step_values(request, row, number, report.files, iteration),
    }


@page_view(context=ResultPage, name="step", permission=Permission.READ, template="step.jinja2", query=ResultQuery)
def step(context: ResultPage, request: Any) -> dict[str, Any]:
    """The chosen step alone, for the script that exchanges it."""
    row, number = context.row, request.validated["step"] or 1
    files = reports.read_files(request.dbread, row.id)
    iteration = request.validated["iteration"] or max((file.iteration_number for file in files), default=1)
    values = step_values(request, row, number, files, iteration)
    if values["step"] is None:
        raise HTTPNotFound("Step not found")
    return {"result": row, "number": number, **values}


@page_view(context=ResultPage, name="gallery", permission=Permission.READ, template="gallery.jinja2", query=GalleryQuery)
def gallery(context: ResultPage, request: Any) -> dict[str, Any]:
    files = reports.read_files(request.dbread, context.row.id)
    pages = max(1, -(-len(files) // GALLERY_PAGE))
    page = min(request.validated["page"], pages)
    shown = files[(page - 1) * GALLERY_PAGE : page * GALLERY_PAGE]
    return {"result": context.row, "files": shown, "total": len(files), "page": page, "pages": pages}


def chosen(steps: Any, wanted: int | None, status: str) -> int | None:
    """The number of the step to open: the one asked for, else the first that failed, else the first; of a test that failed outside its
    steps, the last that was done: what came next broke."""
    numbers = [step.step_number for step in steps]
    if wanted in numbers:
        return wanted
    failed = next((step.step_number for step in steps if step.status == "Failed"), None)
    if failed is None and status == "Failed":
        failed = next((step.step_number for step in reversed(steps) if step.status == "Passed"), None)
    return failed or (numbers[0] if numbers else None)


def step_values(request: Any, row: Any, number: int | None, files: Any, iteration: int) -> dict[str, Any]:
    """What the step's part of the page shows."""
    found = reports.find_step_by_number(request.dbread, row.id, number) if number is not None else None
    own = [file for file in files if found is not None and file.step_number == number and file.iteration_number == iteration]
    images = sorted((file for file in own if is_image(file)), key=lambda file: _BEST.get(file.artifact_category, 2))
    linked = next((file for file in files if found is not None and file.id == found.screenshot_artifact_id), None)
    if linked is not None and is_image(linked) and linked not in images:
        images.insert(0, linked)
    last_passed = reports.last_passed_image(request.dbread, row, number) if found is not None and found.status == "Failed" and number else None
    trace = found.stack_trace if found is not None else None
    frames, lines = stack_traces.read(trace) if trace else ([], [])
    expected: list[differences.Piece] = []
    actual: list[differences.Piece] = []
    if found is not None and found.expected_value is not None and found.actual_value is not None:
        expected, actual = differences.compare(found.expected_value, found.actual_value)
    return {
        "step": found,
        "images": images[:MOST_TABS],
        "last_passed": last_passed,
        "own_files": own,
        "iteration": iteration,
        "frames": frames,
        "trace": highlight_lines(lines),
        "expected": expected,
        "actual": actual,
    }


def has_own_error(result: Any, steps: Any) -> bool:
    """Whether the test has an error that no step shows: none failed, or those that failed say something else."""
    if not (result.error_message or result.error_type):
        return False
    return not any(step.status == "Failed" and (step.error_start or "") in (result.error_message or "") for step in steps)


def is_image(file: Any) -> bool:
    return bool(file.mime_type.startswith("image/"))
