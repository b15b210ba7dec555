"""Who a request comes from: the session behind a cookie, the token behind `Authorization: Bearer`.

Both are random, and the database holds their SHA-256 only. A fast hash is enough for 256 random bits; nobody guesses them.
"""

import hashlib
import logging
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from artifactsvc.exceptions import NotFoundError, NotPermittedError, ValidationError
from artifactsvc.identifiers import new_id
from artifactsvc.models import ApiToken, LoginSession, User
from artifactsvc.models.meta import utc_now
from artifactsvc.security.permissions import Role
from artifactsvc.services import audit
from artifactsvc.services.audit import Actor

log = logging.getLogger(__name__)

PREFIX = "asvc_"  # found by secret scanners, and by people
SEEN_EVERY = timedelta(minutes=1)  # how exact "last used" is
SESSIONS, TOKENS, USERS = LoginSession.__table__, ApiToken.__table__, User.__table__
_WHO = (USERS.c.id.label("user_id"), USERS.c.login, USERS.c.display_name, USERS.c.role)
_BY_SESSION = (
    select(*_WHO, SESSIONS.c.created_at, SESSIONS.c.last_seen_at)
    .join(USERS, USERS.c.id == SESSIONS.c.user_id)
    .where(SESSIONS.c.secret_hash == bindparam("hash"), USERS.c.disabled.is_(False))
)
_BY_TOKEN = (
    select(*_WHO, TOKENS.c.id.label("token_id"), TOKENS.c.role.label("token_role"), TOKENS.c.expires_at, TOKENS.c.last_used_at)
    .join(USERS, USERS.c.id == TOKENS.c.user_id)
    .where(TOKENS.c.secret_hash == bindparam("hash"), TOKENS.c.revoked_at.is_(None), USERS.c.disabled.is_(False))
)
_SEEN = update(SESSIONS).where(SESSIONS.c.secret_hash == bindparam("key")).values(last_seen_at=bindparam("now"))
_USED = update(TOKENS).where(TOKENS.c.id == bindparam("key")).values(last_used_at=bindparam("now"))

_SQLITE, _POSTGRESQL = sqlite.dialect(), postgresql.dialect()  # type: ignore[no-untyped-call]

Database = Connection | Session


@dataclass(frozen=True)
class Identity:
    """Somebody who has proven who they are. `session` is the hash of the session's secret, None for a token."""

    user_id: str
    login: str
    display_name: str
    role: Role
    session: str | None = None


def hash_secret(secret: str) -> str:
    return hashlib.sha256(secret.encode(errors="replace")).hexdigest()


def identify_session(db: Connection, writer: Engine, secret: str, idle: timedelta, lifetime: timedelta) -> Identity | None:
    """Whose session this is; None for an unknown or ended one.

    Parameters: `writer`, where the time of use is written, once a minute; `idle`, how long a session lasts without a request;
    `lifetime`, how long it lasts at all.
    """
    key = hash_secret(secret)
    row = _fetch(db, _BY_SESSION, key)
    if row is None:
        return None
    user_id, login, display_name, role, created_at, last_seen_at = row
    now, seen = utc_now(), _moment(last_seen_at)
    if now - seen > idle or now - _moment(created_at) > lifetime:
        return None
    if now - seen > SEEN_EVERY:
        _touch(writer, _SEEN, key, now)
    return Identity(user_id, login, display_name, Role(role), session=key)


def identify_token(db: Connection, writer: Engine, secret: str) -> Identity | None:
    """Whose token this is, with what it may do: no more than the owner; None for an unknown, expired or revoked one."""
    if not secret.startswith(PREFIX):
        return None
    row = _fetch(db, _BY_TOKEN, hash_secret(secret))
    if row is None:
        return None
    user_id, login, display_name, role, token_id, token_role, expires_at, last_used_at = row
    now = utc_now()
    if expires_at is not None and _moment(expires_at) <= now:
        return None
    if last_used_at is None or now - _moment(last_used_at) > SEEN_EVERY:
        _touch(writer, _USED, token_id, now)
    owners, own = Role(role), Role(token_role)
    return Identity(user_id, login, display_name, own if owners.covers(own) else owners)


def _fetch(db: Connection, statement: Any, key: str) -> Any:
    """The one row of a statement with the parameter `hash`, or None; as a tuple of what the driver gives.

    By the driver's cursor, and on PostgreSQL prepared once for each connection, as every request pays for it: through SQLAlchemy it
    takes twice as long.
    """
    cursor = db.connection.cursor()
    try:
        if db.dialect.name == "sqlite":
            cursor.execute(_compiled(statement, _SQLITE), (key,))
        else:
            name = "credentials_by_session" if statement is _BY_SESSION else "credentials_by_token"
            if name not in db.info:
                cursor.execute(f"PREPARE {name} (text) AS " + _compiled(statement, _POSTGRESQL).replace("%(hash)s", "$1"))
                db.info[name] = True
            cursor.execute(f"EXECUTE {name} (%s)", (key,))
        return cursor.fetchone()
    except _driver_error(db):
        return db.execute(statement, {"hash": key}).one_or_none()  # says what is wrong in SQLAlchemy's words, and leaves a dead connection
    finally:
        cursor.close()


@cache
def _compiled(statement: Any, dialect: Any) -> str:
    return str(statement.compile(dialect=dialect))


def _driver_error(db: Connection) -> Any:
    return db.dialect.loaded_dbapi.Error


def _moment(value: Any) -> datetime:
    """SQLite's driver gives text, in UTC and without an offset."""
    return datetime.fromisoformat(value).replace(tzinfo=UTC) if isinstance(value, str) else value.replace(tzinfo=value.tzinfo or UTC)


def _touch(writer: Engine, statement: Any, key: str, now: datetime) -> None:
    try:
        with writer.begin() as db:
            db.execute(statement, {"key": key, "now": now})
    except SQLAlchemyError as error:  # not worth a failed request
        log.warning("the time of use was not written: %s", error)


def start_session(db: Database, user_id: str, address: str | None, lifetime: timedelta) -> str:
    """A new session; those of the user that are over go. Returns the secret for the cookie."""
    now = utc_now()
    db.execute(delete(SESSIONS).where(SESSIONS.c.user_id == user_id, SESSIONS.c.created_at < now - lifetime))
    secret = secrets.token_urlsafe(32)
    row = {"secret_hash": hash_secret(secret), "user_id": user_id, "address": address, "created_at": now, "last_seen_at": now}
    db.execute(insert(SESSIONS), row)
    return secret


def end_session(db: Database, session: str) -> None:
    """Parameters: `session`, as in `Identity`."""
    db.execute(delete(SESSIONS).where(SESSIONS.c.secret_hash == session))


def create_token(db: Database, actor: Actor, user: Any, name: str, role: Role, expires_at: datetime | None) -> str:
    """Returns the token, which nobody can be shown again.

    Raises NotPermittedError for a role above the owner's, ValidationError for an expiry that has passed.
    """
    if not Role(user.role).covers(role):
        raise NotPermittedError(f"{user.login} is {user.role}; a token cannot be {role}")
    if expires_at is not None and expires_at <= utc_now():
        raise ValidationError("expires_at: is in the past", {"expires_at": "is in the past"})
    secret = PREFIX + secrets.token_urlsafe(32)
    hint = secret[: len(PREFIX) + 4]
    row = {"id": new_id(), "user_id": user.id, "name": name, "hint": hint, "secret_hash": hash_secret(secret), "role": role.value}
    db.execute(insert(TOKENS), {**row, "created_at": utc_now(), "expires_at": expires_at, "last_used_at": None, "revoked_at": None})
    audit.record(db, actor, "token created", f"{hint}… {name!r} of {user.login} ({role})")
    return secret


def revoke_token(db: Database, actor: Actor, token_id: str, user_id: str | None = None) -> None:
    """From now on the token opens nothing. `user_id` None: anybody's. Raises NotFoundError."""
    mine = TOKENS.c.id == token_id if user_id is None else (TOKENS.c.id == token_id) & (TOKENS.c.user_id == user_id)
    found = db.execute(select(TOKENS.c.hint, TOKENS.c.name, USERS.c.login).join(USERS, USERS.c.id == TOKENS.c.user_id).where(mine)).one_or_none()
    if found is None:
        raise NotFoundError("Token not found")
    changed = db.execute(update(TOKENS).where(TOKENS.c.id == token_id, TOKENS.c.revoked_at.is_(None)).values(revoked_at=utc_now()))
    if changed.rowcount:  # type: ignore[attr-defined]
        audit.record(db, actor, "token revoked", f"{found.hint}… {found.name!r} of {found.login}")


def list_tokens(db: Connection, user_id: str | None = None) -> Sequence[Any]:
    """The tokens of a user, or everybody's, newest first, each with `login`, its owner."""
    query = select(*TOKENS.c, USERS.c.login).join(USERS, USERS.c.id == TOKENS.c.user_id).order_by(TOKENS.c.created_at.desc(), TOKENS.c.id.desc())
    return db.execute(query if user_id is None else query.where(TOKENS.c.user_id == user_id)).all()
