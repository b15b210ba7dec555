"""The security policy of the application."""

from typing import Any

from pyramid.security import Allowed, Denied


class OpenPolicy:
    """`auth.required = false`: everybody may do everything. `auth.required = true` lets nobody in who has not logged in."""

    def __init__(self, auth_required: bool) -> None:
        self._closed = auth_required

    def identity(self, request: Any) -> None:
        return None

    def authenticated_userid(self, request: Any) -> None:
        return None

    def permits(self, request: Any, context: Any, permission: str) -> Any:
        return Denied("nobody has logged in") if self._closed else Allowed("auth.required is false")

    def remember(self, request: Any, userid: str, **kw: Any) -> list[tuple[str, str]]:
        return []

    def forget(self, request: Any, **kw: Any) -> list[tuple[str, str]]:
        return []


def includeme(config: Any) -> None:
    config.set_security_policy(OpenPolicy(config.registry.settings["artifactsvc.settings"].auth_required))
