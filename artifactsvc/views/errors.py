"""Every error answer: which status each error has, and the one shape they share, `{"detail": "..."}` (decisions.md, 2)."""

from typing import Any

import orjson
from pyramid.httpexceptions import HTTPError, HTTPForbidden
from pyramid.response import Response
from pyramid.view import exception_view_config, forbidden_view_config, notfound_view_config

from artifactsvc import exceptions
from artifactsvc.resources.base import missing_text

RETRY_AFTER = 5  # seconds
_STATUSES: tuple[tuple[type[exceptions.ArtifactsvcError], int], ...] = (
    (exceptions.NotFoundError, 404),
    (exceptions.ConflictError, 409),
    (exceptions.MalformedBodyError, 400),
    (exceptions.TooLargeError, 413),
    (exceptions.UnsupportedTypeError, 415),
    (exceptions.ValidationError, 422),
    (exceptions.StorageFullError, 507),
    (exceptions.UnavailableError, 503),
)


def json_error(status: int, detail: str, errors: dict[str, str] | None = None, headers: dict[str, str] | None = None) -> Response:
    body = {"detail": detail, "errors": errors} if errors else {"detail": detail}
    response = Response(orjson.dumps(body), status=status, content_type="application/json")
    response.headers.update(headers or {})
    return response


def domain_error_response(error: exceptions.ArtifactsvcError) -> Response:
    status = next(status for kind, status in _STATUSES if isinstance(error, kind))
    headers = {"Retry-After": str(RETRY_AFTER)} if status in (503, 507) else None
    return json_error(status, str(error), getattr(error, "errors", None), headers)


@exception_view_config(exceptions.ArtifactsvcError)
def domain_error(error: exceptions.ArtifactsvcError, request: Any) -> Response:
    return domain_error_response(error)


@exception_view_config(HTTPError)
def http_error(error: HTTPError, request: Any) -> Response:
    headers = {name: error.headers[name] for name in ("Allow", "WWW-Authenticate", "Retry-After") if name in error.headers}
    return json_error(error.status_int, error.detail or error.title, headers=headers)


@notfound_view_config(append_slash=False)
def not_found(error: Any, request: Any) -> Response:
    # also for a URL with segments behind a view: traversal ended at that view's context then, not at a collection
    return json_error(404, missing_text(request.context, request))


@forbidden_view_config()
def forbidden(error: HTTPForbidden, request: Any) -> Response:
    if request.identity is None:
        return json_error(401, "Not authenticated", headers={"WWW-Authenticate": "Bearer"})
    return json_error(403, "Not permitted")
