"""The permissions that views name (decisions.md, 5)."""

from enum import StrEnum


class Permission(StrEnum):
    READ = "read"  # viewer and above
    WRITE = "write"  # uploader and above: create and update
    DELETE = "delete"  # admin
    MANAGE = "manage"  # admin: users, tokens, audit
