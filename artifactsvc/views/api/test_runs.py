"""`/test-runs`: one execution of a suite."""

from typing import Any

from pyramid.httpexceptions import HTTPNoContent

from artifactsvc.representations import page_json, test_run_json
from artifactsvc.resources import TestRun, TestRuns
from artifactsvc.schemas.test_runs import CreateTestRunSchema, ListTestRunsQuery, UpdateTestRunSchema
from artifactsvc.security import Permission
from artifactsvc.services import test_runs
from artifactsvc.views.api import created
from artifactsvc.views.config import api_view


@api_view(context=TestRuns, method="GET", permission=Permission.READ, query=ListTestRunsQuery)
def list_(context: TestRuns, request: Any) -> dict[str, Any]:
    page = test_runs.list_runs(request.dbread, **request.validated)
    return page_json(page, [test_run_json(row) for row in page.rows])


@api_view(context=TestRuns, method="POST", permission=Permission.WRITE, schema=CreateTestRunSchema)
def create(context: TestRuns, request: Any) -> dict[str, Any]:
    row = test_runs.create_run(request.dbsession, request.validated)
    created(request, f"/test-runs/{row['id']}")
    return test_run_json(row)


@api_view(context=TestRun, method="GET", permission=Permission.READ)
def show(context: TestRun, request: Any) -> dict[str, Any]:
    return test_run_json(context.row)


@api_view(context=TestRun, method="PATCH", permission=Permission.WRITE, schema=UpdateTestRunSchema)
def update(context: TestRun, request: Any) -> dict[str, Any]:
    return test_run_json(test_runs.update_run(request.dbsession, context.row.id, request.validated))


@api_view(context=TestRun, method="DELETE", permission=Permission.DELETE)
def delete(context: TestRun, request: Any) -> HTTPNoContent:
    test_runs.delete_run(request.dbsession, request.files, request.actor, context.row)
    return HTTPNoContent()
