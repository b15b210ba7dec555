"""Logging in, out, and changing one's own password."""

from datetime import timedelta

from sqlalchemy import Connection, Engine

from artifactsvc.models.engines import Engines
from artifactsvc.security.passwords import Passwords
from artifactsvc.services import audit, credentials, throttle, users
from artifactsvc.services.audit import Actor
from artifactsvc.services.credentials import Identity
from artifactsvc.settings import Settings


def log_in(engines: Engines, passwords: Passwords, settings: Settings, login: str, password: str, address: str) -> str | None:
    """Returns the secret of a new session; None when name or password are wrong, whichever it is.

    Its own transactions rather than the request's: a failure is counted and written down although the answer is an error.
    Raises BusyError when it is too early for another attempt, or too many try at once.
    """
    with passwords.place():
        with engines.write.begin() as db:
            throttle.count_attempt(db, login, address, settings)
        with engines.read.connect() as db:
            user = users.find_user(db, login)
        right = passwords.matches(user.password_hash if user else passwords.nobody, password) and user is not None and not user.disabled
    fresh = passwords.hash(password) if right and passwords.is_outdated(user.password_hash) else None
    with engines.write.begin() as db:
        # a password that was changed while it was checked opens nothing, and is not brought back by hashing it again
        if not right or not users.is_current(db, user):
            audit.record(db, Actor(login, address), "login failed")
            return None
        return _enter(db, settings, user.id, user.login, address, fresh)


def _enter(db: Connection, settings: Settings, user_id: str, login: str, address: str, fresh_hash: str | None) -> str:
    throttle.forgive(db, login, address)
    if fresh_hash is not None:
        users.rehash(db, user_id, fresh_hash)
    audit.record(db, Actor(login, address), "login")
    return credentials.start_session(db, user_id, address, timedelta(hours=settings.session_hours))


def log_out(writer: Engine, who: Identity, address: str) -> None:
    with writer.begin() as db:
        if who.session is not None:
            credentials.end_session(db, who.session)
        audit.record(db, Actor(who.login, address), "logout")


def change_password(engines: Engines, passwords: Passwords, settings: Settings, who: Identity, old: str, new: str, address: str) -> str | None:
    """Set one's own password, which ends all sessions; returns the secret of a new one, or None when the old password is wrong.

    Wrong old passwords count as failed logins: a session that was left open is no place to guess. Raises ValidationError, BusyError.
    """
    users.check_password(new, settings.password_min_length)
    with passwords.place():
        with engines.write.begin() as db:
            throttle.count_attempt(db, who.login, address, settings)
        with engines.read.connect() as db:
            user = users.get_user(db, who.login)
        right = passwords.matches(user.password_hash, old)
    if not right:
        with engines.write.begin() as db:
            audit.record(db, Actor(who.login, address), "password change failed")
        return None
    fresh = passwords.hash(new)
    with engines.write.begin() as db:
        if not users.is_current(db, user):
            return None
        throttle.forgive(db, who.login, address)
        users.set_password(db, Actor(who.login, address), user, fresh)
        return credentials.start_session(db, user.id, address, timedelta(hours=settings.session_hours))
