"""The gate every request passes first: nobody comes in without credentials, and no other site writes in somebody's name.

It stands above traversal, so that a URL does not show by a 404 whether it is there. What the views' permissions say comes later.
"""

import hashlib
import hmac
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlsplit

from pyramid.request import Request
from pyramid.response import Response

from artifactsvc.services.credentials import Identity
from artifactsvc.transactions import SAFE_METHODS
from artifactsvc.tree import list_urls
from artifactsvc.views.errors import error_response, wants_page

SMALL_FORM = 65536  # bytes; a larger form has its token in the header
FORM = "application/x-www-form-urlencoded"

Handler = Callable[[Request], Response]


def gate(handler: Handler, registry: Any) -> Handler:
    """401 (a browser goes to the login page) for whoever is unknown, 403 for a write that another site may have caused."""
    settings = registry.settings["artifactsvc.settings"]
    doors = frozenset(url.path for url in list_urls(registry) if url.permission == "open")

    def tween(request: Request) -> Response:
        path = request.environ.get("PATH_INFO", "")
        who = None
        if path not in doors and not path.startswith("/static/"):
            who = request.identity
            if who is None and settings.auth_required:
                return unknown(request)
        if request.method not in SAFE_METHODS and not has_bearer_token(request):
            if is_from_elsewhere(request):
                return error_response(request, 403, "Not permitted: the request comes from another site")
            if who is not None and not has_csrf_token(request, csrf_token(settings.secret, who)):
                return error_response(request, 403, "Not permitted: the CSRF token is missing or wrong; load the page again")
        return handler(request)

    return tween


def unknown(request: Any) -> Response:
    if wants_page(request):
        wanted = request.environ.get("SCRIPT_NAME", "") + request.environ.get("PATH_INFO", "")
        query = request.environ.get("QUERY_STRING", "")
        after = quote(wanted.encode("latin-1") + (b"?" + query.encode("latin-1") if query else b"")) if request.method in SAFE_METHODS else ""
        location = request.script_name + "/login" + (f"?next={after}" if after not in ("", "/") else "")
        return Response(status=303, headers={"Location": location, "Cache-Control": "no-store"})
    return error_response(request, 401, "Not authenticated", headers={"WWW-Authenticate": "Bearer"})


def has_bearer_token(request: Any) -> bool:
    """No browser sends one by itself. It does send `Basic` credentials, which a front server may have asked for, also with what another site causes."""
    return bool(request.environ.get("HTTP_AUTHORIZATION", "").partition(" ")[0].lower() == "bearer")


def is_from_elsewhere(request: Any) -> bool:
    """Whether a browser says that a page of another site sent this. Programs say nothing (Fetch Metadata; RFC 6454)."""
    site = request.environ.get("HTTP_SEC_FETCH_SITE")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = request.environ.get("HTTP_ORIGIN")
    try:
        return origin is not None and urlsplit(origin).netloc != request.host
    except ValueError:  # `http://[`: no site of ours
        return True


def csrf_token(secret: str, who: Identity) -> str:
    """The token of a session's forms: nobody makes it without our secret, and it ends with the session. Empty for API tokens."""
    return hmac.new(secret.encode(), f"csrf:{who.session}".encode(), hashlib.sha256).hexdigest() if who.session else ""


def has_csrf_token(request: Any, expected: str) -> bool:
    """In the header, or in the field `csrf_token` of a small form. An upload is never parsed for it."""
    given = request.headers.get("X-CSRF-Token")
    if given is None and request.content_type == FORM and 0 < (request.content_length or 0) <= SMALL_FORM:
        try:
            given = request.POST.get("csrf_token")
        except UnicodeDecodeError:
            return False
    return bool(expected) and hmac.compare_digest((given or "").encode(errors="replace"), expected.encode())
