"""A POST with an Idempotency-Key is done once; its first answer is given again for as long as a retry may ask.

Keys are claimed in the transaction that does the work, so that a claim without an answer cannot be left behind, and of two
requests at once the second waits for the first. Answers that change nothing (errors) are not kept.
"""

from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from artifactsvc.exceptions import UnavailableError, ValidationError
from artifactsvc.models import IdempotencyKey
from artifactsvc.models.meta import utc_now

KEYS = IdempotencyKey.__table__
_THIS = (KEYS.c.principal == bindparam("p"), KEYS.c.key == bindparam("k"))
_FIND = select(*KEYS.c).where(*_THIS)
_EXPIRE = delete(KEYS).where(*_THIS, KEYS.c.created_at < bindparam("before"))
_ANSWER = update(KEYS).where(*_THIS)


def claim(dbsession: Session, principal: str, key: str, fingerprint: str, hours: int) -> Any:
    """Claim a key for the request with this fingerprint.

    Returns None when the work is to be done now, or the row of the first answer (`status`, `location`, `body`).
    Raises ValidationError when the key was used for another request.
    """
    now = utc_now()
    this = {"p": principal, "k": key}
    dbsession.execute(_EXPIRE, {**this, "before": now - timedelta(hours=hours)})
    make_insert = postgresql.insert if dbsession.get_bind().dialect.name == "postgresql" else sqlite.insert
    row = {"principal": principal, "key": key, "fingerprint": fingerprint, "created_at": now}
    claimed = dbsession.execute(make_insert(KEYS).values(row).on_conflict_do_nothing())
    if claimed.rowcount:  # type: ignore[attr-defined]
        return None
    first = dbsession.execute(_FIND, this).one_or_none()
    if first is None or first.status is None:  # the other request failed a moment ago
        raise UnavailableError("The first request with this Idempotency-Key has no answer yet")
    if first.fingerprint != fingerprint:
        raise ValidationError("Idempotency-Key: was used for another request", {"Idempotency-Key": "was used for another request"})
    return first


def keep_answer(dbsession: Session, principal: str, key: str, status: int, location: str | None, body: str) -> None:
    """Keep the answer to the request that claimed the key."""
    dbsession.execute(_ANSWER, {"p": principal, "k": key, "status": status, "location": location, "body": body})


def forget_expired(db: Connection | Session, hours: int) -> int:
    """Remove keys that nobody may use any more. Returns how many."""
    return db.execute(delete(KEYS).where(KEYS.c.created_at < utc_now() - timedelta(hours=hours))).rowcount  # type: ignore
