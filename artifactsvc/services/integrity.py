"""Which rule of the database a refused statement broke: PostgreSQL says it by SQLSTATE, SQLite by the name of its result code."""

from sqlalchemy.exc import IntegrityError

_MISSING = ("23503", "SQLITE_CONSTRAINT_FOREIGNKEY")
_TAKEN = ("23505", "SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")


def names_what_is_missing(error: IntegrityError) -> bool:
    """A foreign key: what the row refers to is not there (any more)."""
    return _code(error) in _MISSING


def is_taken(error: IntegrityError) -> bool:
    """A primary key or a unique column: another row has this value."""
    return _code(error) in _TAKEN


def _code(error: IntegrityError) -> str | None:
    code: str | None = getattr(error.orig, "pgcode", None) or getattr(error.orig, "sqlite_errorname", None)
    return code
