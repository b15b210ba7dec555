"""The people who may come in."""

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, delete, exists, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from artifactsvc.exceptions import ConflictError, NotFoundError, NotPermittedError, ValidationError
from artifactsvc.identifiers import new_id
from artifactsvc.models import LoginSession, User
from artifactsvc.models.meta import utc_now
from artifactsvc.security.permissions import Role
from artifactsvc.services import audit
from artifactsvc.services.audit import Actor

USERS = User.__table__
_BY_LOGIN = select(*USERS.c).where(USERS.c.login == bindparam("login"))
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}", re.ASCII)
LONGEST_PASSWORD = 1024

Database = Connection | Session


def find_user(db: Database, login: str) -> Any:
    """The row, or None. Login names are the same in any case."""
    return db.execute(_BY_LOGIN, {"login": login.lower()}).one_or_none()


def get_user(db: Database, login: str) -> Any:
    """The row. Raises NotFoundError."""
    user = find_user(db, login)
    if user is None:
        raise NotFoundError(f"There is no user {login}")
    return user


def list_users(db: Connection) -> Sequence[Any]:
    return db.execute(select(*USERS.c).order_by(USERS.c.login)).all()


def any_user(db: Connection) -> bool:
    return bool(db.scalar(select(exists(select(USERS.c.id)))))


def check_password(password: str, min_length: int) -> None:
    """Raises ValidationError. Length is what counts (NIST SP 800-63B, 5.1.1.2); rules about characters are not asked for."""
    if len(password) < min_length:
        message = f"must have at least {min_length} characters"
    elif len(password.encode(errors="replace")) > LONGEST_PASSWORD:
        message = f"must have at most {LONGEST_PASSWORD} bytes"
    else:
        return
    raise ValidationError(f"password: {message}", {"password": message})


def add_user(db: Database, actor: Actor, login: str, display_name: str, role: Role, password_hash: str) -> str:
    """Returns the id. Raises ValidationError for a login name with other characters, ConflictError when it is taken."""
    login = login.lower()
    if not _LOGIN.fullmatch(login):
        message = "must be letters, digits and . _ @ + - (at most 100), a letter or digit first"
        raise ValidationError(f"login: {message}", {"login": message})
    row = {"id": new_id(), "login": login, "display_name": display_name or login, "password_hash": password_hash, "role": role.value}
    try:
        db.execute(insert(USERS), {**row, "disabled": False, "created_at": utc_now()})
    except IntegrityError:
        raise ConflictError(f"There is a user {login} already") from None
    audit.record(db, actor, "user added", f"{login} ({role})")
    return row["id"]


def set_password(db: Database, actor: Actor, user: Any, password_hash: str) -> None:
    """Every session of the user ends."""
    db.execute(update(USERS).where(USERS.c.id == user.id).values(password_hash=password_hash))
    end_sessions(db, user.id)
    audit.record(db, actor, "password changed", user.login)


def is_current(db: Database, user: Any) -> bool:
    """Whether the password is still the one that `user` was read with; it stays it until the transaction ends.

    Checking a password takes long enough for another one to be set.
    """
    return bool(db.scalar(select(USERS.c.password_hash).where(USERS.c.id == user.id).with_for_update()) == user.password_hash)


def rehash(db: Database, user_id: str, password_hash: str) -> None:
    """The same password, hashed with today's parameters."""
    db.execute(update(USERS).where(USERS.c.id == user_id).values(password_hash=password_hash))


def set_role(db: Database, actor: Actor, user: Any, role: Role) -> None:
    """Holds from the next request on; a token never has more than its owner. Raises NotPermittedError for the last admin."""
    if role != Role.ADMIN:
        _keep_an_admin(db, user)
    db.execute(update(USERS).where(USERS.c.id == user.id).values(role=role.value))
    audit.record(db, actor, "role changed", f"{user.login} ({role})")


def set_disabled(db: Database, actor: Actor, user: Any, disabled: bool) -> None:
    """A disabled user's sessions end at once, and the tokens open nothing. Raises NotPermittedError for the last admin."""
    if disabled:
        _keep_an_admin(db, user)
        end_sessions(db, user.id)
    db.execute(update(USERS).where(USERS.c.id == user.id).values(disabled=disabled))
    audit.record(db, actor, "user disabled" if disabled else "user enabled", user.login)


def _keep_an_admin(db: Database, user: Any) -> None:
    admins = select(USERS.c.id).where(USERS.c.role == Role.ADMIN.value, USERS.c.disabled.is_(False)).order_by(USERS.c.id).with_for_update()
    if db.scalars(admins).all() == [user.id]:
        raise NotPermittedError("This is the last admin; make another one first")


def end_sessions(db: Database, user_id: str) -> None:
    db.execute(delete(LoginSession).where(LoginSession.user_id == user_id))
