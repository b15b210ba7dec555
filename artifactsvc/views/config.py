"""What an API view is: `@api_view`, and the derivers behind its options.

    @api_view(context=ResultSteps, method="POST", permission=Permission.WRITE, schema=UploadStepsSchema)

- `permission` is required; a view without one does not register.
- `schema` checks the JSON body, `query` the query string; the result is `request.validated`.
- `upload` names the file field of a multipart body; the body is received into `request.form`.
- A method nobody registered answers 405 with `Allow`; a URL with more segments behind it is 404.

The derivers run after the permission check: nobody's body is read who may not send it.
"""

import json
from collections.abc import Callable
from typing import Any

import orjson
import venusian
from pyramid.httpexceptions import HTTPMethodNotAllowed
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED

from artifactsvc.exceptions import MalformedBodyError, TooLargeError, UnsupportedTypeError
from artifactsvc.schemas import form_values, validate
from artifactsvc.security import Permission
from artifactsvc.settings import human_size
from artifactsvc.views.errors import PRIVATE
from artifactsvc.views.idempotency import idempotency_deriver
from artifactsvc.views.multipart import upload_deriver

View = Callable[[Any, Any], Response]


class api_view:  # noqa: N801 - a decorator
    """Register the function below as a view of the API; see `add_api_view` for the options."""

    def __init__(self, **options: Any) -> None:
        self.options = options

    def __call__(self, function: Any) -> Any:
        def register(scanner: Any, name: str, wrapped: Any) -> None:
            scanner.config.add_api_view(wrapped, **self.options)

        venusian.attach(function, register, category="pyramid")
        return function


def includeme(config: Any) -> None:
    config.registry["api methods"] = {}
    config.add_directive("add_api_view", add_api_view)
    config.add_view_predicate("subpath_segments", SubpathSegments)
    config.add_renderer("json", json_renderer)
    # listed from the outside in
    config.add_view_deriver(query_deriver, "query", under="decorated_view", over="schema")
    config.add_view_deriver(schema_deriver, "schema", under="query", over="upload")
    config.add_view_deriver(upload_deriver, "upload", under="schema", over="idempotency")
    config.add_view_deriver(idempotency_deriver, "idempotency", under="upload", over="rendered_view")


def add_api_view(config: Any, view: Any, *, context: type, method: str, permission: Permission, name: str = "", renderer: str = "json", **options: Any) -> None:
    """Register `view` for a node class, a method (GET answers HEAD too) and, below the node, a `name`."""
    methods = config.registry["api methods"].setdefault((context, name), set())
    common = {"context": context, "name": name, "permission": permission, "subpath_segments": 0}
    if not methods:

        def not_allowed(context: Any, request: Any) -> Response:
            raise HTTPMethodNotAllowed(f"{request.method} is not allowed here", headers={"Allow": ", ".join(sorted(methods))})

        # nobody has to log in to hear that a health check takes no POST
        config.add_view(not_allowed, **{**common, "permission": permission if permission == NO_PERMISSION_REQUIRED else Permission.READ})
    methods.update({method, "HEAD"} if method == "GET" else {method})
    config.add_view(view, request_method=method, renderer=renderer, **common, **options)


class SubpathSegments:
    """How many segments may follow the view's name. Pyramid serves a view with any number of them."""

    def __init__(self, count: int, config: Any) -> None:
        self.count = count

    def text(self) -> str:
        return f"subpath_segments = {self.count}"

    phash = text

    def __call__(self, context: Any, request: Any) -> bool:
        return len(request.subpath) == self.count


def json_renderer(info: Any) -> Callable[[Any, Any], bytes]:
    def render(value: Any, system: dict[str, Any]) -> bytes:
        response = system["request"].response
        response.content_type = "application/json"
        response.headerlist += PRIVATE.items()
        return orjson.dumps(value)

    return render


def query_deriver(view: View, info: Any) -> View:
    if not info.options.get("query"):
        return view
    schema = info.options["query"]().bind(settings=info.registry.settings["artifactsvc.settings"])

    def wrapper(context: Any, request: Any) -> Response:
        given = request.GET.dict_of_lists() if request.query_string else {}
        request.validated = validate(schema, form_values(schema, given))
        return view(context, request)

    return wrapper


query_deriver.options = ("query",)  # type: ignore[attr-defined]


def schema_deriver(view: View, info: Any) -> View:
    if not info.options.get("schema"):
        return view
    settings = info.registry.settings["artifactsvc.settings"]
    schema = info.options["schema"]().bind(settings=settings)

    def wrapper(context: Any, request: Any) -> Response:
        require_content_type(request, "application/json")
        if (request.content_length or 0) > settings.max_json_size:
            raise TooLargeError(f"Request body exceeds maximum allowed ({human_size(settings.max_json_size)})")
        body = request.body
        if request.body_error is not None:
            raise request.body_error
        request.validated = validate(schema, parse_json(body))
        return view(context, request)

    return wrapper


schema_deriver.options = ("schema",)  # type: ignore[attr-defined]


def require_content_type(request: Any, wanted: str) -> None:
    """Raises UnsupportedTypeError. A compressed body counts as another type: bytes are stored as they come."""
    given = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if given != wanted:
        raise UnsupportedTypeError(f"Content-Type must be {wanted}")
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedTypeError("Content-Encoding is not supported")


def parse_json(body: bytes) -> Any:
    """The value in a body. Raises MalformedBodyError; ValidationError for a body that is no object is the schema's."""
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        if "depth limit" in str(error):  # reading it again would use up the stack, and what the collector runs there fails
            raise MalformedBodyError("The request body is nested too deeply") from None
    # orjson refuses lone surrogates and huge numbers; they are for the schema to refuse, which can name the field
    try:
        return json.loads(body.decode("utf-8"), parse_int=_integer, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise MalformedBodyError("The request body is not valid JSON") from None


def _integer(digits: str) -> int:
    # Python converts no more than 4300 digits; what has twenty is as far beyond every limit of ours
    return int(digits[:20])


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not JSON")
