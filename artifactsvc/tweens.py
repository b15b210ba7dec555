"""What every request passes on its way in and out: the access log, the net below everything, and the check of its URL.

From the outside in: access_log, last_resort, the gate (security/gate.py), sane_url, then pyramid_tm and the exception views. The
last resort stands above the transaction, so that pyramid_retry still sees what may be tried again (anchors.md, 2.6).
"""

import logging
import re
import time
from collections.abc import Callable
from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.tweens import INGRESS
from pyramid_retry import is_error_retryable
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from artifactsvc.exceptions import ArtifactsvcError, StorageFullError, UnavailableError
from artifactsvc.identifiers import new_id
from artifactsvc.views.errors import error_response, json_error, status_of

log = logging.getLogger(__name__)
access = logging.getLogger("artifactsvc.access")
_CONTROL = re.compile("[\x00-\x1f\x7f]")
_NOT_CANONICAL = re.compile(r"/(?:\.{0,2}(?:/|$)|@@)")  # an empty segment, dots, a view's name
_POSTGRESQL_FULL = {"53100"}  # disk_full
_POSTGRESQL_AWAY = ("08", "53", "57P", "55P03", "40")  # connection, resources, shutdown, lock timeout, rollback: all may pass

Handler = Callable[[Request], Response]


def includeme(config: Any) -> None:
    config.add_tween("artifactsvc.tweens.access_log", under=INGRESS)
    config.add_tween("artifactsvc.tweens.last_resort", under="artifactsvc.tweens.access_log")
    config.add_tween("artifactsvc.security.gate.gate", under="artifactsvc.tweens.last_resort")
    config.add_tween("artifactsvc.tweens.sane_url", under="artifactsvc.security.gate.gate", over="pyramid_tm.tm_tween_factory")


def access_log(handler: Handler, registry: Any) -> Handler:
    """Give each request an id (`X-Request-ID`, and `request.request_id`) and log one line for it."""

    def tween(request: Request) -> Response:
        started = time.perf_counter()
        request.request_id = new_id()
        response = handler(request)
        response.headers["X-Request-ID"] = request.request_id
        if access.isEnabledFor(logging.INFO):
            milliseconds = (time.perf_counter() - started) * 1000
            # escaped: a control character in it must not make a second line
            path = ascii(request.environ.get("PATH_INFO", ""))[1:-1]
            access.info("%s %s %s %d %.1fms %s", request.remote_addr, request.method, path, response.status_int, milliseconds, request.request_id)
        return response

    return tween


def sane_url(handler: Handler, registry: Any) -> Handler:
    """Answer 400 to a path or query that is no UTF-8 or has control characters, before anything looks at it.

    And 404 to a path that is not the one spelling of its URL: traversal would tidy it up, and read `@@name` as `name`.
    """

    def tween(request: Request) -> Response:
        try:
            if _CONTROL.search(request.path_info):
                return json_error(400, "The URL contains control characters")
            if _NOT_CANONICAL.search(request.path_info) and request.path_info != "/":
                return error_response(request, 404, "Not found")
            if request.environ.get("QUERY_STRING"):
                request.GET  # noqa: B018 - decoding is what may fail
        except UnicodeDecodeError:
            return json_error(400, "The URL is not valid UTF-8")
        return handler(request)

    return tween


def last_resort(handler: Handler, registry: Any) -> Handler:
    """Answer what nothing else answered: a database that is away with 503, a bug of ours with 500 and no traceback."""

    def tween(request: Request) -> Response:
        try:
            return handler(request)
        except Exception as error:
            if is_error_retryable(request, error):
                raise
            meant = domain_error(error)
            if meant is not None:
                log.warning("%s: %s", request.request_id, error.__cause__ or error)
                status, headers = status_of(meant)
                return _answer(request, status, str(meant), getattr(meant, "errors", None), headers)
            log.exception("request %s: %s %s failed", request.request_id, request.method, ascii(request.environ.get("PATH_INFO", "")))
            return _answer(request, 500, "Internal server error")

    return tween


def _answer(request: Request, status: int, detail: str, errors: dict[str, str] | None = None, headers: dict[str, str] | None = None) -> Response:
    """A page for a browser, unless what is broken is what makes pages."""
    try:
        return error_response(request, status, detail, errors, headers)
    except Exception:
        log.exception("request %s: no page could be made of the error", request.request_id)
        return json_error(status, detail, errors, headers)


def domain_error(error: Exception) -> ArtifactsvcError | None:
    """What an exception means for the client; None for a bug of ours."""
    if isinstance(error, ArtifactsvcError):  # raised while committing
        return error
    if isinstance(error, PoolTimeoutError):
        return UnavailableError("The database is busy; nothing was stored")
    if not isinstance(error, DBAPIError):
        return None
    code = getattr(error.orig, "pgcode", None) or ""
    if code in _POSTGRESQL_FULL or "disk is full" in str(error.orig):
        return StorageFullError("The disk of the database is full; nothing was stored")
    if isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated or code.startswith(_POSTGRESQL_AWAY):
        return UnavailableError("The database is not available")
    return None
