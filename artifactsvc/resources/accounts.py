"""The pages of accounts: the login, one's own account, and for admins the users and the audit trail."""

from typing import Any

from artifactsvc.resources.base import ItemNode, Node
from artifactsvc.services import users


class Login(Node): ...


class Logout(Node): ...


class Account(Node): ...


class AccountPassword(Node): ...


class AccountTokens(Node): ...


class Users(Node): ...


class User(ItemNode):
    missing = "User not found"

    @staticmethod
    def load(parent: Node, name: str) -> Any:
        return users.find_user(parent.request.dbread, name)


class Audit(Node): ...
