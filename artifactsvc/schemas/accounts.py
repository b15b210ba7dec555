"""The forms of the account pages."""

from artifactsvc.schemas.base import Schema, optional, required
from artifactsvc.schemas.types import FormInteger, Id, OneOf, Text
from artifactsvc.security.permissions import Role

ROLES = tuple(Role)


class LogInSchema(Schema):
    login = required(Text(100))
    password = required(Text(1024))
    next = optional(Text(4096), "/")


class ChangePasswordSchema(Schema):
    old_password = required(Text(1024))
    password = required(Text(1024))
    password_again = required(Text(1024))


class CreateTokenSchema(Schema):
    name = required(Text(100, 1))
    role = required(OneOf(*ROLES))
    days = optional(FormInteger(0, 36500), 0)  # 0: for ever


class RevokeTokenSchema(Schema):
    token_id = required(Id())


class AddUserSchema(Schema):
    login = required(Text(100, 1))
    display_name = optional(Text(200), "")
    role = required(OneOf(*ROLES))
    password = required(Text(1024))


class ChangeUserSchema(Schema):
    """One of: a role, `disable`, `enable`, a new password."""

    action = required(OneOf("role", "disable", "enable", "password"))
    role = optional(OneOf(*ROLES))
    password = optional(Text(1024))


class AuditQuery(Schema):
    actor = optional(Text(100))
    before = optional(Id())
