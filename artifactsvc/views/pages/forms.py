"""Small forms of the pages. The gate has seen their CSRF token already."""

from typing import Any
from urllib.parse import urlsplit

import colander

from artifactsvc.exceptions import MalformedBodyError, TooLargeError
from artifactsvc.schemas import form_values, validate
from artifactsvc.security.gate import FORM, SMALL_FORM
from artifactsvc.views.config import require_content_type


def read_form(request: Any, schema: type[colander.Schema]) -> dict[str, Any]:
    """The checked fields; empty ones count as absent. Raises ValidationError and what else is wrong with the body."""
    require_content_type(request, FORM)
    if request.content_length is None or request.content_length > SMALL_FORM:
        raise TooLargeError("The form is too large")
    try:
        fields = request.POST.dict_of_lists()
    except UnicodeDecodeError:
        raise MalformedBodyError("The form is not valid UTF-8") from None
    bound = schema()
    return dict(validate(bound, form_values(bound, {name: values for name, values in fields.items() if values != [""]})))


def own_path(wanted: str, home: str) -> str:
    """`wanted` when it is a path of this site, else the start page: a login must not send people to another site."""
    try:
        parts = urlsplit(wanted)
    except ValueError:
        return home + "/"
    harmless = wanted.isascii() and wanted.isprintable() and "\\" not in wanted and not wanted.startswith("//")
    return wanted if harmless and wanted.startswith(home + "/") and not parts.scheme and not parts.netloc else home + "/"
