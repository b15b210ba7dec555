"""Every error answer: which status each error has, and the one shape they share, `{"detail": "..."}` (decisions.md, 2);
beside the API a browser gets a page that says the same."""

from http.client import responses
from typing import Any

import orjson
from pyramid.httpexceptions import HTTPError, HTTPForbidden
from pyramid.renderers import render_to_response
from pyramid.response import Response
from pyramid.view import exception_view_config, forbidden_view_config, notfound_view_config

from artifactsvc import exceptions
from artifactsvc.resources.base import missing_text
from artifactsvc.views.pages.config import HEADERS

RETRY_AFTER = 5  # seconds
PRIVATE = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}  # what JSON tells is for whoever asked, and is no page
_STATUSES: tuple[tuple[type[exceptions.ArtifactsvcError], int], ...] = (
    (exceptions.NotFoundError, 404),
    (exceptions.NotPermittedError, 403),
    (exceptions.ConflictError, 409),
    (exceptions.MalformedBodyError, 400),
    (exceptions.TooLargeError, 413),
    (exceptions.UnsupportedTypeError, 415),
    (exceptions.ValidationError, 422),
    (exceptions.BusyError, 429),
    (exceptions.StorageFullError, 507),
    (exceptions.UnavailableError, 503),
)


def json_error(status: int, detail: str, errors: dict[str, str] | None = None, headers: dict[str, str] | None = None) -> Response:
    body = {"detail": detail, "errors": errors} if errors else {"detail": detail}
    response = Response(orjson.dumps(body), status=status, content_type="application/json")
    response.headers.update({**PRIVATE, **(headers or {})})
    return response


def status_of(error: exceptions.ArtifactsvcError) -> tuple[int, dict[str, str]]:
    """The status an error has, and the headers that go with it."""
    status = next(status for kind, status in _STATUSES if isinstance(error, kind))
    return status, {"Retry-After": str(getattr(error, "retry_after", RETRY_AFTER))} if status in (429, 503, 507) else {}


def error_response(request: Any, status: int, detail: str, errors: dict[str, str] | None = None, headers: dict[str, str] | None = None) -> Response:
    """`{"detail"}` for programs; for a browser that looks at a page, a page."""
    if not wants_page(request):
        return json_error(status, detail, errors, headers)
    values = {"heading": responses.get(status, "Error"), "detail": detail}
    response: Response = render_to_response("artifactsvc:templates/error.jinja2", values, request)
    response.status_int = status
    response.headers.update({**HEADERS, **(headers or {})})
    return response


def wants_page(request: Any) -> bool:
    mount = request.registry.settings["artifactsvc.settings"].api_mount
    path = request.environ.get("PATH_INFO", "")  # as it came: the gate asks before anything has looked whether it is UTF-8
    return "text/html" in request.headers.get("Accept", "") and not (path + "/").startswith(mount + "/")


@exception_view_config(exceptions.ArtifactsvcError)
def domain_error(error: exceptions.ArtifactsvcError, request: Any) -> Response:
    status, headers = status_of(error)
    return error_response(request, status, str(error), getattr(error, "errors", None), headers)


@exception_view_config(HTTPError)
def http_error(error: HTTPError, request: Any) -> Response:
    headers = {name: error.headers[name] for name in ("Allow", "WWW-Authenticate", "Retry-After") if name in error.headers}
    return error_response(request, error.status_int, error.detail or error.title, headers=headers)


@notfound_view_config(append_slash=False)
def not_found(error: Any, request: Any) -> Response:
    # also for a URL with segments behind a view: traversal ended at that view's context then, not at a collection
    return error_response(request, 404, missing_text(request.context, request))


@forbidden_view_config()
def forbidden(error: HTTPForbidden, request: Any) -> Response:
    if request.identity is None and not request.registry.settings["artifactsvc.settings"].auth_required:
        return error_response(request, 403, "Nobody has an account here: this server lets everybody in")
    if request.identity is None:
        return json_error(401, "Not authenticated", headers={"WWW-Authenticate": "Bearer"})
    return error_response(request, 403, "Not permitted")
