"""`/account`: one's own password and tokens."""

from datetime import UTC, datetime, timedelta
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.security import remember

from artifactsvc.exceptions import ArtifactsvcError, ValidationError
from artifactsvc.resources import Account, AccountPassword, AccountTokens
from artifactsvc.schemas.accounts import ROLES, ChangePasswordSchema, CreateTokenSchema, RevokeTokenSchema
from artifactsvc.security import Permission, Role
from artifactsvc.services import credentials, logins, users
from artifactsvc.views.errors import status_of
from artifactsvc.views.pages.config import page_view
from artifactsvc.views.pages.forms import read_form


@page_view(context=Account, permission=Permission.ACCOUNT, template="account.jinja2")
def show(context: Account, request: Any) -> dict[str, Any]:
    return _page(request)


def _page(request: Any, **values: Any) -> dict[str, Any]:
    who = request.identity
    settings = request.registry.settings["artifactsvc.settings"]
    page = {
        "tokens": credentials.list_tokens(request.dbread, who.user_id),
        "roles": [role for role in ROLES if who.role.covers(role)],
        "now": datetime.now(UTC),
        "min_length": settings.password_min_length,
        "new_token": None,
        "password_error": "",
        "token_error": "",
        "changed": request.GET.get("changed") == "1",
    }
    return {**page, **values}


def _refused(request: Any, field: str, error: ArtifactsvcError) -> dict[str, Any]:
    request.response.status_int, headers = status_of(error)
    request.response.headers.update(headers)
    return _page(request, **{field: str(error)})


@page_view(context=AccountPassword, method="POST", permission=Permission.ACCOUNT, template="account.jinja2")
def change_password(context: AccountPassword, request: Any) -> Any:
    registry, who = request.registry, request.identity
    settings = registry.settings["artifactsvc.settings"]
    try:
        form = read_form(request, ChangePasswordSchema)
        if form["password"] != form["password_again"]:
            raise ValidationError("The two new passwords differ")
        old, new = form["old_password"], form["password"]
        secret = logins.change_password(registry["engines"], registry["passwords"], settings, who, old, new, request.address)
        if secret is None:
            raise ValidationError("The old password is wrong")
    except ArtifactsvcError as error:
        return _refused(request, "password_error", error)
    return HTTPSeeOther(request.script_name + "/account?changed=1", headers=remember(request, secret))


@page_view(context=AccountTokens, method="POST", permission=Permission.ACCOUNT, template="account.jinja2")
def create_token(context: AccountTokens, request: Any) -> dict[str, Any]:
    try:
        form = read_form(request, CreateTokenSchema)
        expires_at = datetime.now(UTC) + timedelta(days=form["days"]) if form["days"] else None
        user = users.get_user(request.dbread, request.identity.login)
        with request.registry["engines"].write.begin() as db:  # a token that is shown is stored
            token = credentials.create_token(db, request.actor, user, form["name"], Role(form["role"]), expires_at)
    except ArtifactsvcError as error:
        return _refused(request, "token_error", error)
    return _page(request, new_token=token)


@page_view(context=AccountTokens, method="POST", name="revoke", permission=Permission.ACCOUNT)
def revoke_token(context: AccountTokens, request: Any) -> HTTPSeeOther:
    form = read_form(request, RevokeTokenSchema)
    credentials.revoke_token(request.dbsession, request.actor, form["token_id"], request.identity.user_id)
    return HTTPSeeOther(request.script_name + "/account")
