"""`/test-case-results`: what came of one test."""

from typing import Any

from pyramid.httpexceptions import HTTPNoContent

from artifactsvc.representations import page_json, test_case_result_json
from artifactsvc.resources import TestCaseResult, TestCaseResults
from artifactsvc.schemas.test_case_results import CreateTestCaseResultSchema, ListTestCaseResultsQuery, UpdateTestCaseResultSchema
from artifactsvc.security import Permission
from artifactsvc.services import test_case_results
from artifactsvc.views.api import created
from artifactsvc.views.config import api_view


@api_view(context=TestCaseResults, method="GET", permission=Permission.READ, query=ListTestCaseResultsQuery)
def list_(context: TestCaseResults, request: Any) -> dict[str, Any]:
    page = test_case_results.list_results(request.dbread, **request.validated)
    return page_json(page, [test_case_result_json(row) for row in page.rows])


@api_view(context=TestCaseResults, method="POST", permission=Permission.WRITE, schema=CreateTestCaseResultSchema)
def create(context: TestCaseResults, request: Any) -> dict[str, Any]:
    row = test_case_results.create_result(request.dbsession, request.validated)
    created(request, f"/test-case-results/{row['id']}")
    return test_case_result_json(row)


@api_view(context=TestCaseResult, method="GET", permission=Permission.READ)
def show(context: TestCaseResult, request: Any) -> dict[str, Any]:
    return test_case_result_json(context.row)


@api_view(context=TestCaseResult, method="PATCH", permission=Permission.WRITE, schema=UpdateTestCaseResultSchema)
def update(context: TestCaseResult, request: Any) -> dict[str, Any]:
    return test_case_result_json(test_case_results.update_result(request.dbsession, context.row.id, request.validated))


@api_view(context=TestCaseResult, method="DELETE", permission=Permission.DELETE)
def delete(context: TestCaseResult, request: Any) -> HTTPNoContent:
    test_case_results.delete_result(request.dbsession, request.files, request.actor, context.row)
    return HTTPNoContent()
