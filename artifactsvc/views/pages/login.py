"""`/login`, `/logout`."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.security import NO_PERMISSION_REQUIRED, forget, remember

from artifactsvc.exceptions import BusyError, ValidationError
from artifactsvc.resources import Login, Logout
from artifactsvc.schemas.accounts import LogInSchema
from artifactsvc.security import Permission
from artifactsvc.services import logins
from artifactsvc.views.pages.config import page_view
from artifactsvc.views.pages.forms import own_path, read_form


@page_view(context=Login, permission=NO_PERMISSION_REQUIRED, template="login.jinja2")
def show(context: Login, request: Any) -> Any:
    after = own_path(request.GET.get("next", ""), request.script_name)
    if request.identity is not None or not request.registry.settings["artifactsvc.settings"].auth_required:
        return HTTPSeeOther(after)
    return {"next": after, "login": "", "error": ""}


@page_view(context=Login, method="POST", permission=NO_PERMISSION_REQUIRED, template="login.jinja2")
def log_in(context: Login, request: Any) -> Any:
    registry = request.registry
    try:
        form = read_form(request, LogInSchema)
    except ValidationError:
        return _again(request, 422, {"login": "", "next": "/"}, "Login name and password are both needed.")
    try:
        secret = logins.log_in(
            registry["engines"], registry["passwords"], registry.settings["artifactsvc.settings"], form["login"], form["password"], request.address
        )
    except BusyError as error:
        request.response.headers["Retry-After"] = str(error.retry_after)
        return _again(request, 429, form, str(error))
    if secret is None:
        request.response.headers["WWW-Authenticate"] = "Bearer"
        return _again(request, 401, form, "Login name or password is wrong.")
    return HTTPSeeOther(own_path(form["next"], request.script_name), headers=remember(request, secret))


def _again(request: Any, status: int, form: dict[str, Any], error: str) -> dict[str, Any]:
    request.response.status_int = status
    return {"next": own_path(form["next"], request.script_name), "login": form["login"], "error": error}


@page_view(context=Logout, method="POST", permission=Permission.READ)
def log_out(context: Logout, request: Any) -> HTTPSeeOther:
    if request.identity is not None:
        logins.log_out(request.registry["engines"].write, request.identity, request.address)
    # artifacts may be kept by the browser for a year; whoever has logged out shall not see them any more
    return HTTPSeeOther(request.script_name + "/login", headers=[*forget(request), ("Clear-Site-Data", '"cache"')])
