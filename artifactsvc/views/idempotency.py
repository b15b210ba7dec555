"""Idempotency-Key on any POST (decisions.md, 4 and 7); the rules are in `services/idempotency.py`."""

import hashlib
import re
from typing import Any

from pyramid.response import Response

from artifactsvc.exceptions import ValidationError
from artifactsvc.services import idempotency

_KEY = re.compile(r"[\x21-\x7e]{1,255}")


def idempotency_deriver(view: Any, info: Any) -> Any:
    """Wraps every view of the API that answers POST; the pages' forms have no `schema`, and their answers set cookies.

    It stands inside schema and upload: the content is known, the work not yet done.
    """
    if "POST" not in _methods(info) or not (info.options.get("schema") or info.options.get("upload")):
        return view
    hours = info.registry.settings["artifactsvc.settings"].idempotency_hours

    def wrapper(context: Any, request: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return view(context, request)
        if not _KEY.fullmatch(key):
            message = "must be 1 to 255 visible ASCII characters"
            raise ValidationError(f"Idempotency-Key: {message}", {"Idempotency-Key": message})
        if request.form is not None:
            request.files.sync_staged()  # the claim begins the transaction, and nobody should wait for it while a disk turns
        principal = request.authenticated_userid or ""
        first = idempotency.claim(request.dbsession, principal, key, fingerprint(request), hours)
        if first is not None:
            again = Response(first.body, status=first.status, content_type="application/json", charset="utf-8")
            if first.location:
                again.headers["Location"] = first.location
            return again
        response = view(context, request)
        idempotency.keep_answer(request.dbsession, principal, key, response.status_int, response.headers.get("Location"), response.text)
        return response

    return wrapper


def _methods(info: Any) -> Any:
    method = info.options.get("request_method") or ()
    return (method,) if isinstance(method, str) else method


def fingerprint(request: Any) -> str:
    """SHA-256 over method, path and content; the multipart boundary does not matter."""
    content = request.form.digest() if request.form is not None else hashlib.sha256(request.body).digest()
    return hashlib.sha256(f"{request.method} {request.path}\n".encode() + content).hexdigest()
