"""The permissions that views name, and the roles that have them (decisions.md, 5)."""

from enum import StrEnum


class Permission(StrEnum):
    READ = "read"  # viewer and above
    WRITE = "write"  # uploader and above: create and update
    DELETE = "delete"  # admin
    MANAGE = "manage"  # admin: users, tokens, audit
    ACCOUNT = "account"  # everybody who has logged in, for themselves: password, tokens


class Role(StrEnum):
    """What a user or a token may do at the most; a later one may all that the earlier ones may."""

    VIEWER = "viewer"
    UPLOADER = "uploader"
    ADMIN = "admin"

    def covers(self, other: "Role") -> bool:
        """Whether this role may all that `other` may."""
        order = list(Role)
        return order.index(self) >= order.index(other)
