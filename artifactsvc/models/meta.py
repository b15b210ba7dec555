"""The base of the tables, and the two column types on which SQLite and PostgreSQL have to agree."""

from datetime import UTC, datetime
from typing import Any, ClassVar

from sqlalchemy import CHAR, DateTime, MetaData, TypeDecorator
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import DeclarativeBase

NAMING_CONVENTION = {
    "ix": "idx_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

# Ids are strings in Python: they come from a URL or JSON and go back there. A uuid.UUID per row costs more than the query.
Id = CHAR(36).with_variant(postgresql.UUID(as_uuid=False), "postgresql")


class Timestamp(TypeDecorator[datetime]):
    """An aware datetime, always UTC in Python. SQLite has no offsets: there UTC is stored without one."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        return None if value is None else value.astimezone(UTC)

    def result_processor(self, dialect: Any, coltype: Any) -> Any:
        if dialect.name == "postgresql":  # aware and in UTC already, see `models/engines.py`
            return None
        inner: Any = super().result_processor(dialect, coltype)
        return lambda value: None if value is None else inner(value).replace(tzinfo=UTC)


class Base(DeclarativeBase):
    __table__: ClassVar[Any]  # always a Table here
    metadata = MetaData(naming_convention=NAMING_CONVENTION)


def utc_now() -> datetime:
    return datetime.now(UTC)
