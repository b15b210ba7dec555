"""The trunk of the tree: the root, the health checks, and the mount point of the API with its limits."""

from pyramid.authorization import Allow, Authenticated

from artifactsvc.resources.base import Node
from artifactsvc.security import Permission, Role


class Root(Node):
    """Who may do what, for the whole tree (decisions.md, 5; docs/security.md has the table)."""

    __acl__ = (
        (Allow, f"role:{Role.VIEWER}", Permission.READ),
        (Allow, f"role:{Role.UPLOADER}", (Permission.READ, Permission.WRITE)),
        (Allow, f"role:{Role.ADMIN}", (Permission.READ, Permission.WRITE, Permission.DELETE, Permission.MANAGE)),
        (Allow, Authenticated, Permission.ACCOUNT),  # by a session: a stolen token must not change the password
    )


class Live(Node): ...


class Ready(Node): ...


class Reports(Node): ...


class Limits(Node): ...
