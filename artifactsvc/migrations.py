"""The schema is made and changed by Alembic alone; this is the one way to run it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from artifactsvc.exceptions import SettingsError

_LOCK = 0x61727466  # an arbitrary number: two processes that start at once migrate one after the other


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "alembic"))
    config.set_main_option("path_separator", "os")
    return config


def head() -> str | None:
    """The newest revision this code knows."""
    return ScriptDirectory.from_config(_config()).get_current_head()


@contextmanager
def usable_database() -> Iterator[None]:
    """Raises SettingsError, one line, when the database does not let us in."""
    try:
        yield
    except DBAPIError as error:
        raise SettingsError(f"setting sqlalchemy.url (DATABASE_URL): cannot use the database: {str(error.orig).strip().splitlines()[0]}") from None


def current(engine: Engine) -> str | None:
    """The revision of the database; None for an empty one. Raises SettingsError when it cannot be used."""
    with usable_database(), engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine) -> None:
    """Bring the schema to the newest revision, in one transaction. `engine` is the one that writes.

    Raises SettingsError when the database cannot be used.
    """
    config = _config()
    with usable_database(), engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def require_current(engine: Engine) -> None:
    """Raises SettingsError when the schema is not the newest one, naming the command that mends it."""
    found, wanted = current(engine), head()
    if found != wanted:
        raise SettingsError(
            f"the database schema is at revision {found or 'none'}, this version needs {wanted}: "
            "run `artifactsvc -c production.ini migrate` (with your ini file) first"
        )
