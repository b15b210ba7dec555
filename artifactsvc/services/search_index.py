"""The index of the search: one document for each result, made of its texts and those of its steps (docs/adr/0006-search.md).

A document says which trigrams (three characters in a row, in lower case) occur in it, and nothing about where: what the index finds
is looked at again in the rows themselves. Writing is deferred: triggers note in `search_pending` what changed, `index_pending`
works that off. The id of a document grows with the time its result was created, so that the newest come first without sorting.
"""

import zlib
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, bindparam, select, text

from artifactsvc.models import Step, TestCaseResult

RESULTS = TestCaseResult.__table__
STEPS = Step.__table__
RESULT_FIELDS = ("name", "full_name", "suite", "error_type", "error_message")
STEP_FIELDS = ("action", "description", "element_selector", "element_name", "error_type", "error_message", "stack_trace")

CALM = 30  # seconds: a result that changed just now will change again, and on SQLite each time leaves a document behind
SCANNED = 200  # results not indexed yet, which a search reads itself
_LOCK = 0x73656172  # one indexer at a time on PostgreSQL; on SQLite there is one writer anyway

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_RESULTS = select(RESULTS.c.id, RESULTS.c.status, RESULTS.c.created_at, *(RESULTS.c[name] for name in RESULT_FIELDS)).where(
    RESULTS.c.id.in_(bindparam("ids", expanding=True))
)
_STEPS = (
    select(STEPS.c.test_case_result_id, STEPS.c.step_number, STEPS.c.status, *(STEPS.c[name] for name in STEP_FIELDS))
    .where(STEPS.c.test_case_result_id.in_(bindparam("ids", expanding=True)))
    .order_by(STEPS.c.test_case_result_id, STEPS.c.step_number)
)
_TAKE = "SELECT id, result_id FROM search_pending WHERE since < {before} ORDER BY id LIMIT :limit"
_BEFORE = {"postgresql": "now() - make_interval(secs => :calm)", "sqlite": "datetime('now', (-:calm) || ' seconds')"}


def fold(value: str) -> str:
    """Lower case, character for character: a match stands at the same place in both."""
    lower = value.lower()
    return lower if len(lower) == len(value) else "".join(item if len(item.lower()) != 1 else item.lower() for item in value)


def trigram_number(trigram: str) -> int:
    return zlib.crc32(trigram.encode()) - 2**31


def trigrams(folded: str) -> set[str]:
    return {folded[start : start + 3] for start in range(len(folded) - 2)}


def position(result: Any) -> int:
    """Where a result stands among all: later created, higher. Results of the same microsecond are told apart by their ids."""
    microseconds: int = round((result.created_at - _EPOCH).total_seconds() * 10**6)
    return microseconds * 1024 + zlib.crc32(result.id.encode()) % 960


def load_texts(db: Connection, ids: Iterable[str]) -> list[tuple[Any, list[Any]]]:
    """Each result that is there with its steps, newest first. Two statements."""
    wanted = {"ids": list(ids)}
    if not wanted["ids"]:
        return []
    steps: dict[str, list[Any]] = {}
    results = sorted(db.execute(_RESULTS, wanted), key=position, reverse=True)
    for step in db.execute(_STEPS, wanted):
        steps.setdefault(step.test_case_result_id, []).append(step)
    return [(result, steps.get(result.id, [])) for result in results]


def joined(row: Any, fields: tuple[str, ...]) -> str:
    return fold("\n".join(value for name in fields if (value := getattr(row, name))))


def pending_count(db: Connection) -> int:
    return db.scalar(text("SELECT count(DISTINCT result_id) FROM search_pending")) or 0


def index_pending(engine: Engine, limit: int = 20, calm: int = CALM) -> int:
    """Index what changed, at most `limit` notes, in one transaction. Returns how many were worked off.

    Parameters: `engine`, the one that writes; `calm`, seconds that a change must be old, ignored while many wait.
    """
    with engine.begin() as db:
        dialect = db.dialect.name
        if dialect == "postgresql" and not db.scalar(text("SELECT pg_try_advisory_xact_lock(:key)"), {"key": _LOCK}):
            return 0
        waiting = len(db.execute(text("SELECT 1 FROM search_pending LIMIT :limit"), {"limit": SCANNED + 1}).all())
        take = text(_TAKE.format(before=_BEFORE[dialect]))
        notes = db.execute(take, {"calm": calm if waiting <= SCANNED else -1, "limit": limit}).all()
        if notes:
            ids = dict.fromkeys(note.result_id for note in notes)
            if dialect == "postgresql":  # whoever deletes one of them waits, and its document goes with it
                db.execute(select(RESULTS.c.id).where(RESULTS.c.id.in_(list(ids))).with_for_update(read=True, key_share=True))
            for result, steps in load_texts(db, ids):
                folded = "\n".join([joined(result, RESULT_FIELDS), *(joined(step, STEP_FIELDS) for step in steps)])
                _store_postgresql(db, result, folded) if dialect == "postgresql" else _store_sqlite(db, result, folded)
            db.execute(text("DELETE FROM search_pending WHERE id IN :ids").bindparams(bindparam("ids", expanding=True)), {"ids": [n.id for n in notes]})
        return len(notes)


def _free(db: Connection, result: Any, wanted: int) -> int:
    """`wanted`, or the next id that no other result has: many results can be of one moment when they were written in bulk."""
    taken = text("SELECT 1 FROM search_documents WHERE id = :id AND result_id <> :result_id")
    while db.scalar(taken, {"id": wanted, "result_id": result.id}):
        wanted += 1
    return wanted


def _store_postgresql(db: Connection, result: Any, folded: str) -> None:
    values = {"id": _free(db, result, position(result)), "result_id": result.id, "trigrams": sorted({trigram_number(item) for item in trigrams(folded)})}
    db.execute(
        text(
            "INSERT INTO search_documents (id, result_id, trigrams) VALUES (:id, :result_id, CAST(:trigrams AS integer[])) "
            "ON CONFLICT (result_id) DO UPDATE SET trigrams = excluded.trigrams"
        ),
        values,
    )


def _store_sqlite(db: Connection, result: Any, folded: str) -> None:
    """A document of FTS5 without content cannot be changed or deleted in SQLite 3.40: a new one with the next id replaces it."""
    old = db.scalar(text("DELETE FROM search_documents WHERE result_id = :id RETURNING id"), {"id": result.id})
    values = {"id": _free(db, result, position(result) if old is None else old + 1), "result_id": result.id, "body": folded}
    db.execute(text("INSERT INTO search_documents (id, result_id) VALUES (:id, :result_id)"), values)
    db.execute(text("INSERT INTO search_trigrams (rowid, body) VALUES (:id, :body)"), values)


def forget(engine: Engine) -> None:
    """Empty the index and note every result as changed: for a rebuild."""
    with engine.begin() as db:
        db.execute(text("DELETE FROM search_pending"))
        db.execute(text("DELETE FROM search_documents"))
        if db.dialect.name == "sqlite":
            db.execute(text("INSERT INTO search_trigrams (search_trigrams) VALUES ('delete-all')"))
        db.execute(text("INSERT INTO search_pending (result_id) SELECT id FROM test_case_results ORDER BY created_at, id"))
