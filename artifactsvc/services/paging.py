"""One page of a collection."""

from typing import Any, NamedTuple

from sqlalchemy import Connection, Select, func, select


class Page(NamedTuple):
    """`rows` are page `page` (from 1) of `total` rows, `per_page` to a page."""

    total: int
    page: int
    per_page: int
    rows: list[Any]


def fetch_page(db: Connection, query: Select[Any], page: int, per_page: int) -> Page:
    """Run an ordered query for one page of it. Two statements: the count, and the rows."""
    total = db.scalar(select(func.count()).select_from(query.order_by(None).subquery())) or 0
    offset = (page - 1) * per_page
    # beyond the end there is nothing to ask for, and a database takes no offset of any size
    rows = list(db.execute(query.limit(per_page).offset(offset))) if offset < total else []
    return Page(total, page, per_page, rows)
