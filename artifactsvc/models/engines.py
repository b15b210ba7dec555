"""Two engines on one database: one that only reads, in autocommit, and one that writes, in transactions."""

import os
from typing import Any, NamedTuple

from psycopg2.extensions import new_type, register_type
from sqlalchemy import Engine, create_engine, event, make_url
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError

from artifactsvc.exceptions import SettingsError

_UUID_OID = 2950


class Engines(NamedTuple):
    read: Engine
    write: Engine

    def dispose(self) -> None:
        self.read.dispose()
        self.write.dispose()


def parse_url(text: str) -> URL:
    """Raises SettingsError for what is no URL of a database we know. `postgresql://` means psycopg2, in every SQLAlchemy."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):  # ValueError: a port that is no number
        raise SettingsError("setting sqlalchemy.url (DATABASE_URL) is not a database URL such as postgresql://user@host/name") from None
    if url.drivername in ("postgresql", "postgres"):
        url = url.set(drivername="postgresql+psycopg2")
    if url.drivername not in ("postgresql+psycopg2", "sqlite", "sqlite+pysqlite"):
        raise SettingsError(f"setting sqlalchemy.url (DATABASE_URL) names {url.drivername!r}; it must be sqlite or postgresql")
    if url.drivername.startswith("sqlite") and url.database in (None, "", ":memory:"):
        raise SettingsError("setting sqlalchemy.url (DATABASE_URL) must name a file: a database in memory forgets")
    return url


def make_engines(database_url: str, pool_size: int, timeout: int) -> Engines:
    """Parameters: `database_url`; `pool_size`, connections of each kind at the most; `timeout`, seconds to wait for one."""
    url = parse_url(database_url)
    common: dict[str, Any] = {"pool_timeout": timeout, "max_overflow": 0}
    if url.drivername.startswith("sqlite"):
        return _sqlite(url, pool_size, timeout, common)
    connect_args = {
        "options": "-c timezone=UTC -c synchronous_commit=on -c lock_timeout=10s -c idle_in_transaction_session_timeout=300s",
        "connect_timeout": 5,
        "application_name": "artifactsvc",
    }
    common |= {"pool_size": pool_size, "connect_args": connect_args, "executemany_mode": "values_plus_batch"}
    # a connection in autocommit has nothing to roll back when it goes back to the pool
    engines = Engines(
        create_engine(url, isolation_level="AUTOCOMMIT", pool_reset_on_return=None, **common), create_engine(url, pool_reset_on_return=None, **common)
    )
    for engine in engines:
        event.listen(engine, "connect", _read_uuids_as_text)
    event.listen(engines.write, "reset", _roll_back)
    return engines


def _read_uuids_as_text(connection: Any, _: Any) -> None:
    """SQLAlchemy has psycopg2 make a uuid.UUID of each id, which it turns into text again: a tenth of a read's time."""
    register_type(new_type((_UUID_OID,), "UUID", lambda value, cursor: value), connection)


def _sqlite(url: URL, pool_size: int, timeout: int, common: dict[str, Any]) -> Engines:
    assert url.database is not None
    folder = os.path.dirname(os.path.abspath(url.database))
    try:
        os.makedirs(folder, exist_ok=True)
    except OSError as error:
        raise SettingsError(f"setting sqlalchemy.url (DATABASE_URL): cannot make {folder}: {error.strerror}") from None
    common["connect_args"] = {"timeout": timeout, "check_same_thread": False}
    read = create_engine(url, isolation_level="AUTOCOMMIT", pool_size=pool_size, pool_reset_on_return=None, **common)
    # one connection writes, and waiting for it is the pool's queue: SQLite's own waiting sleeps, and is not fair
    write = create_engine(url, pool_size=1, pool_reset_on_return=None, **common)
    event.listen(read, "connect", _set_pragmas)
    event.listen(write, "connect", _set_pragmas)
    event.listen(write, "connect", _begin_ourselves)
    # not the listener of "begin" that SQLAlchemy's documentation has: with one, every statement looks for listeners
    write.dialect.do_begin = _begin_immediate  # type: ignore[method-assign, assignment]
    event.listen(write, "reset", _roll_back)
    return Engines(read, write)


def _roll_back(connection: Any, record: Any, state: Any) -> None:
    """Whatever happened: SQLAlchemy leaves a transaction open whose COMMIT failed, and the next request would commit it."""
    if not state.terminate_only:
        connection.rollback()


def _set_pragmas(connection: Any, _: Any) -> None:
    cursor = connection.cursor()
    # FULL, as NORMAL loses acknowledged commits in a power cut (reliability.md, 0.7)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-8192"):
        cursor.execute("PRAGMA " + pragma)
    cursor.close()


def _begin_ourselves(connection: Any, _: Any) -> None:
    connection.isolation_level = None


def _begin_immediate(connection: Any) -> None:
    # a transaction that reads first and writes later fails at once when another one wrote in between; this one waits
    connection.execute("BEGIN IMMEDIATE")
