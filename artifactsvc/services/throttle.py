"""Slows down who guesses passwords: per account and per address, in the database, so that it holds for every process.

An attempt is counted before it is made, so that many at once get no more tries than one after the other. From the allowed
number on, each further one has to wait twice as long as the one before.
"""

from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network

from sqlalchemy import Connection, bindparam, delete, select, update
from sqlalchemy.dialects import postgresql, sqlite

from artifactsvc.exceptions import BusyError
from artifactsvc.models import LoginThrottle
from artifactsvc.models.meta import utc_now
from artifactsvc.settings import Settings

THROTTLE = LoginThrottle.__table__
NEVER = datetime(2000, 1, 1, tzinfo=UTC)
_READ = select(*THROTTLE.c).where(THROTTLE.c.key == bindparam("wanted")).with_for_update()
_COUNT = (
    update(THROTTLE)
    .where(THROTTLE.c.key == bindparam("wanted"))
    .values(failures=bindparam("count"), blocked_until=bindparam("until"), updated_at=bindparam("now"))
)


def keys(login: str, address: str) -> tuple[str, str]:
    """The two rows of an attempt. The addresses of one IPv6 network (/64) are one: whoever has one has all."""
    try:
        found = ip_address(address)
        address = str(ip_network(f"{found}/64", strict=False)) if found.version == 6 else str(found)
    except ValueError:  # a front server may name anything
        address = address[:64]
    return f"account:{login.lower()[:100]}", f"address:{address}"


def count_attempt(db: Connection, login: str, address: str, settings: Settings) -> None:
    """Count an attempt to log in, before the password is looked at. Raises BusyError when it is too early; it does not count then."""
    now = utc_now()
    limits = (settings.account_failures, settings.address_failures)
    db.execute(delete(THROTTLE).where(THROTTLE.c.updated_at < now - forget_after(settings)))
    for key, allowed in sorted(zip(keys(login, address), limits, strict=True)):  # in one order: no deadlock
        make = sqlite.insert if db.dialect.name == "sqlite" else postgresql.insert
        db.execute(make(THROTTLE).on_conflict_do_nothing(), {"key": key, "failures": 0, "blocked_until": NEVER, "updated_at": now})
        row = db.execute(_READ, {"wanted": key}).one()
        if row.blocked_until > now:
            seconds = int((row.blocked_until - now).total_seconds()) + 1
            raise BusyError(f"Too many failed logins; try again in {seconds} seconds", retry_after=seconds)
        failures = row.failures + 1
        db.execute(_COUNT, {"wanted": key, "count": failures, "until": now + delay(failures - allowed, settings), "now": now})


def delay(over: int, settings: Settings) -> timedelta:
    """How long the next attempt has to wait when the limit was reached `over` attempts ago."""
    if over < 0:
        return timedelta(0)
    return timedelta(seconds=min(settings.login_delay * 2 ** min(over, 30), settings.login_max_delay))


def forget_after(settings: Settings) -> timedelta:
    """A row is forgotten when nobody failed for this long, and it certainly blocks nobody."""
    return timedelta(seconds=4 * settings.login_max_delay)


def forgive(db: Connection, login: str, address: str) -> None:
    """The password was right: the account starts afresh, and the address gets back the one attempt it took."""
    account, source = keys(login, address)
    db.execute(delete(THROTTLE).where(THROTTLE.c.key == account))
    db.execute(update(THROTTLE).where(THROTTLE.c.key == source, THROTTLE.c.failures > 0).values(failures=THROTTLE.c.failures - 1, blocked_until=NEVER))
