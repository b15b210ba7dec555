"""The security policy: who asks, by token or session, and what their role permits.

The roles' permissions stand on the root of the tree (`resources/root.py`) and hold for all of it.
"""

from datetime import timedelta
from typing import Any

from pyramid.authorization import ACLHelper, Authenticated
from pyramid.request import RequestLocalCache
from pyramid.security import Allowed
from webob.cookies import make_cookie

from artifactsvc.exceptions import SettingsError
from artifactsvc.security.permissions import Permission
from artifactsvc.services.credentials import Identity, identify_session, identify_token
from artifactsvc.settings import Settings


class SecurityPolicy:
    """`ISecurityPolicy` for API tokens (`Authorization: Bearer`, RFC 6750) and session cookies.

    A request that names a token is judged by it alone: a wrong one is not made good by a cookie.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._idle = timedelta(hours=settings.session_idle_hours)
        self._lifetime = timedelta(hours=settings.session_hours)
        self._acl = ACLHelper()
        self._cache = RequestLocalCache(self._identify)
        # the prefix makes browsers refuse a cookie that another host or a page without TLS has set (RFC 6265bis, 4.1.3.2)
        self.cookie = "__Host-artifactsvc" if settings.cookie_secure else "artifactsvc"

    def identity(self, request: Any) -> Identity | None:
        """Looked up once for each request: one indexed statement."""
        found: Identity | None = self._cache.get_or_create(request)
        return found

    def _identify(self, request: Any) -> Identity | None:
        header = request.environ.get("HTTP_AUTHORIZATION")
        if header is not None:
            scheme, _, token = header.partition(" ")
            if scheme.lower() != "bearer":
                return None
            return identify_token(request.dbread, request.registry["engines"].write, token.strip())
        secret = request.cookies.get(self.cookie) if "HTTP_COOKIE" in request.environ else None
        if not secret:
            return None
        return identify_session(request.dbread, request.registry["engines"].write, secret, self._idle, self._lifetime)

    def authenticated_userid(self, request: Any) -> str | None:
        who = self.identity(request)
        return who.login if who else None

    def permits(self, request: Any, context: Any, permission: str) -> Any:
        who = self.identity(request)
        # an account's page is somebody's own: where nobody logs in there is none
        if who is None and not self._settings.auth_required and permission != Permission.ACCOUNT:
            return Allowed("auth.required is false")
        principals = [] if who is None else [f"role:{who.role}"] if who.session is None else [f"role:{who.role}", Authenticated]
        return self._acl.permits(context, principals, permission)

    def remember(self, request: Any, userid: str, **kw: Any) -> list[tuple[str, str]]:
        """The headers that set the cookie. Parameters: `userid`, the secret of the session."""
        return self._cookie(userid, self._settings.session_hours * 3600)

    def forget(self, request: Any, **kw: Any) -> list[tuple[str, str]]:
        return self._cookie(None, 0)

    def _cookie(self, value: str | None, seconds: int) -> list[tuple[str, str]]:
        made = make_cookie(self.cookie, value, max_age=seconds, path="/", secure=self._settings.cookie_secure, httponly=True, samesite="Lax")
        return [("Set-Cookie", made)]


def require_secret(config: Any) -> None:
    """Nobody serves with a secret that is missing. Raises SettingsError. The commands do without one."""
    settings = config.registry.settings["artifactsvc.settings"]
    if settings.auth_required and not settings.secret:
        how = "python3 -c 'import secrets; print(secrets.token_urlsafe(32))'"
        raise SettingsError(f"setting auth.secret (ARTIFACTSVC_SECRET) is missing; make one with: {how}")


def includeme(config: Any) -> None:
    config.set_security_policy(SecurityPolicy(config.registry.settings["artifactsvc.settings"]))
