"""`/test-case-results/{id}/steps` and `/steps`: contract endpoints 1, 2 and 8."""

from typing import Any

from artifactsvc.representations import step_json, step_list_json
from artifactsvc.resources import ResultSteps, Step
from artifactsvc.schemas.steps import LinkScreenshotSchema, ListStepsQuery, UploadStepsSchema
from artifactsvc.security import Permission
from artifactsvc.services import steps
from artifactsvc.views.api import base_path, created
from artifactsvc.views.config import api_view


@api_view(context=ResultSteps, method="GET", permission=Permission.READ, query=ListStepsQuery)
def list_(context: ResultSteps, request: Any) -> dict[str, Any]:
    result_id = context.__parent__.row.id
    return step_list_json(result_id, steps.list_steps(request.dbread, result_id, **request.validated), base_path(request))


@api_view(context=ResultSteps, method="POST", permission=Permission.WRITE, schema=UploadStepsSchema)
def create(context: ResultSteps, request: Any) -> dict[str, Any]:
    result_id = context.__parent__.row.id
    ids = steps.create_steps(request.dbsession, result_id, request.validated["steps"])
    created(request)
    return {"message": f"Successfully created {len(ids)} step results", "step_ids": ids, "test_case_result_id": result_id}


@api_view(context=ResultSteps, method="PUT", permission=Permission.WRITE, schema=UploadStepsSchema)
def replace(context: ResultSteps, request: Any) -> dict[str, Any]:
    result_id = context.__parent__.row.id
    ids = steps.replace_steps(request.dbsession, result_id, request.validated["steps"])
    return {"message": f"Successfully updated {len(ids)} step results", "step_ids": ids, "test_case_result_id": result_id}


@api_view(context=Step, method="GET", permission=Permission.READ)
def show(context: Step, request: Any) -> dict[str, Any]:
    return step_json(context.row)


@api_view(context=Step, method="PATCH", permission=Permission.WRITE, schema=LinkScreenshotSchema)
def update(context: Step, request: Any) -> dict[str, Any]:
    step = context.row
    screenshot = request.validated.get("screenshot_artifact_id", step.screenshot_artifact_id)
    if request.validated:
        steps.link_screenshot(request.dbsession, step, screenshot)
    return {"id": step.id, "step_number": step.step_number, "screenshot_artifact_id": screenshot, "message": "Step updated successfully"}
