"""`/users`, `/audit`: for admins."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther

from artifactsvc.exceptions import ArtifactsvcError, ValidationError
from artifactsvc.resources import Audit, User, Users
from artifactsvc.schemas.accounts import ROLES, AddUserSchema, AuditQuery, ChangeUserSchema, RevokeTokenSchema
from artifactsvc.security import Permission, Role
from artifactsvc.services import audit, credentials, users
from artifactsvc.views.errors import status_of
from artifactsvc.views.pages.config import page_view
from artifactsvc.views.pages.forms import read_form

EVENTS_PER_PAGE = 100


@page_view(context=Users, permission=Permission.MANAGE, template="users.jinja2")
def list_(context: Users, request: Any) -> dict[str, Any]:
    return _page(request)


def _page(request: Any, error: str = "") -> dict[str, Any]:
    db = request.dbread
    return {
        "users": users.list_users(db),
        "tokens": [token for token in credentials.list_tokens(db) if token.revoked_at is None],
        "roles": ROLES,
        "error": error,
        "min_length": request.registry.settings["artifactsvc.settings"].password_min_length,
    }


def _hash(request: Any, password: str | None) -> str:
    users.check_password(password or "", request.registry.settings["artifactsvc.settings"].password_min_length)
    hashed: str = request.registry["passwords"].hash(password)
    return hashed


def _refused(request: Any, error: ArtifactsvcError) -> dict[str, Any]:
    request.response.status_int, headers = status_of(error)
    request.response.headers.update(headers)
    return _page(request, str(error))


@page_view(context=Users, method="POST", permission=Permission.MANAGE, template="users.jinja2")
def add(context: Users, request: Any) -> Any:
    try:
        form = read_form(request, AddUserSchema)
        hashed = _hash(request, form["password"])
        users.add_user(request.dbsession, request.actor, form["login"], form["display_name"], Role(form["role"]), hashed)
    except ArtifactsvcError as error:
        return _refused(request, error)
    return HTTPSeeOther(request.script_name + "/users")


@page_view(context=User, method="POST", permission=Permission.MANAGE, template="users.jinja2")
def change(context: User, request: Any) -> Any:
    user = context.row
    try:
        form = read_form(request, ChangeUserSchema)
        if form["action"] == "role" and form["role"] is None:
            raise ValidationError("role: is needed", {"role": "is needed"})
        hashed = _hash(request, form["password"]) if form["action"] == "password" else ""
        if form["action"] == "role":
            users.set_role(request.dbsession, request.actor, user, Role(form["role"]))
        elif form["action"] == "password":
            users.set_password(request.dbsession, request.actor, user, hashed)
        else:
            users.set_disabled(request.dbsession, request.actor, user, form["action"] == "disable")
    except ArtifactsvcError as error:
        return _refused(request, error)
    return HTTPSeeOther(request.script_name + "/users")


@page_view(context=Users, method="POST", name="revoke", permission=Permission.MANAGE)
def revoke_token(context: Users, request: Any) -> HTTPSeeOther:
    form = read_form(request, RevokeTokenSchema)
    credentials.revoke_token(request.dbsession, request.actor, form["token_id"])
    return HTTPSeeOther(request.script_name + "/users")


@page_view(context=Audit, permission=Permission.MANAGE, template="audit.jinja2", query=AuditQuery)
def show_audit(context: Audit, request: Any) -> dict[str, Any]:
    wanted = request.validated
    events = audit.list_events(request.dbread, EVENTS_PER_PAGE + 1, before=wanted["before"], actor=wanted["actor"])
    return {"events": events[:EVENTS_PER_PAGE], "more": len(events) > EVENTS_PER_PAGE, "actor": wanted["actor"] or "", "before": wanted["before"]}
