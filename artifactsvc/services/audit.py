"""The audit trail: who did what, when, from which address. Rows are only ever added."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import Connection, insert, select
from sqlalchemy.orm import Session

from artifactsvc.identifiers import new_id
from artifactsvc.models import AuditEvent
from artifactsvc.models.meta import utc_now

EVENTS = AuditEvent.__table__
_INSERT = insert(EVENTS)
_NEWEST = select(*EVENTS.c).order_by(EVENTS.c.at.desc(), EVENTS.c.id.desc())


class Actor(NamedTuple):
    """Whoever does something: the login name, and the address it comes from (None for the command line)."""

    login: str
    address: str | None = None


def record(db: Connection | Session, actor: Actor, action: str, target: str | None = None) -> None:
    """Write down that `actor` did `action` to `target`, in the transaction of what was done."""
    row = {"id": new_id(), "at": utc_now(), "actor": actor.login[:100], "address": actor.address, "action": action, "target": target}
    db.execute(_INSERT, row)


def list_events(db: Connection, limit: int, before: str | None = None, actor: str | None = None) -> Sequence[Any]:
    """Newest first. Parameters: `before`, the id of the event to go on after; `actor`, a login name, or None for all."""
    query = _NEWEST.limit(limit)
    if actor is not None:
        query = query.where(EVENTS.c.actor == actor)
    if before is not None:
        query = query.where(EVENTS.c.id < before)  # ids are in the order of time
    return db.execute(query).all()
