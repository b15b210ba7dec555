"""What a page is: `@page_view`, an API view's twin that renders a template and sends the headers every page has.

    @page_view(context=RunPage, permission=Permission.READ, template="run.jinja2", query=RunQuery)
    def run(context, request): return {"run": …}      # what the template sees

No script or style stands in a page: the Content-Security-Policy allows files of ours only.
"""

from collections.abc import Callable
from typing import Any

import venusian
from pyramid.response import Response

from artifactsvc.security import Permission

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self'; font-src 'self'; connect-src 'self'; "
        "frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store",  # after logging out, "back" shows nothing
}


class page_view:  # noqa: N801 - a decorator
    """Register the function below as a page.

    Parameters: `context`, the node class; `permission`; `template`, a file in artifactsvc/templates; `method`; `name`, below
    the node; `query`, a schema for the query string, whose result is `request.validated`.
    """

    def __init__(self, *, context: type, permission: Permission, template: str | None = None, method: str = "GET", **options: Any) -> None:
        renderer = f"artifactsvc:templates/{template}" if template else None
        self.options = {"context": context, "permission": permission, "method": method, "renderer": renderer, "decorator": with_headers, **options}

    def __call__(self, function: Any) -> Any:
        def register(scanner: Any, name: str, wrapped: Any) -> None:
            scanner.config.add_api_view(wrapped, **self.options)

        venusian.attach(function, register, category="pyramid")
        return function


def with_headers(view: Callable[[Any, Any], Response]) -> Callable[[Any, Any], Response]:
    def wrapper(context: Any, request: Any) -> Response:
        response = view(context, request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return wrapper
