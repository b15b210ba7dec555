"""Search: results and steps that contain every word asked for, newest result first (docs/adr/0006-search.md).

The index names candidates, the rows themselves decide. What is not indexed yet is read as it is, so that a report can be found the
moment it is there.
"""

import re
import time
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from artifactsvc.services.search_index import RESULT_FIELDS, SCANNED, STEP_FIELDS, fold, joined, load_texts, pending_count, position, trigram_number, trigrams

LONGEST = 500  # characters of a query that count
MOST_TERMS = 10
MOST_TRIGRAMS = 16  # asked of the index; more cost time and hardly narrow it down
PER_PAGE = 20
STEPS_SHOWN = 5
PATIENCE = 0.7  # seconds of looking at candidates before the page is shown as it is
CHUNK = 25
AROUND = 60  # characters of context on each side of a match
_TERM = re.compile(r'"([^"]*)"?|(\S+)')
_CANDIDATES = {
    "postgresql": (
        "WITH found AS MATERIALIZED (SELECT id, result_id FROM search_documents WHERE trigrams @> CAST(:wanted AS integer[])) "
        "SELECT id, result_id FROM found WHERE id < :before ORDER BY id DESC LIMIT :limit"
    ),
    "sqlite": (
        "SELECT documents.id, documents.result_id FROM search_trigrams JOIN search_documents AS documents ON documents.id = search_trigrams.rowid "
        "WHERE search_trigrams MATCH :wanted AND search_trigrams.rowid < :before ORDER BY search_trigrams.rowid DESC LIMIT :limit"
    ),
}
_PENDING = text("SELECT result_id FROM search_pending ORDER BY id DESC LIMIT :limit")
_END = 2**63 - 1


class Snippet(NamedTuple):
    """Where a term was found: the field's name, and pieces of its text with whether each is a match."""

    field: str
    pieces: list[tuple[str, bool]]


class StepHit(NamedTuple):
    number: int
    status: str
    action: str | None
    snippets: list[Snippet]


class Hit(NamedTuple):
    """A result: `steps` at most STEPS_SHOWN of those that match, `more_steps` how many others do."""

    result: Any
    snippets: list[Snippet]
    steps: list[StepHit]
    more_steps: int


class Found(NamedTuple):
    """`before` is where the next page begins, None at the end; `unfinished`: this page took too long, the next one goes on looking.

    `terms` are the words that were looked for; none when the query has no word of three characters. `waiting`: results not
    indexed yet beyond those that were read.
    """

    terms: list[str]
    hits: list[Hit]
    before: int | None = None
    unfinished: bool = False
    waiting: int = 0


def parse_terms(query: str) -> list[str]:
    """The words of a query, folded; what stands in double quotes is one. Every character is itself: there are no operators."""
    clean = query[:LONGEST].replace("\0", " ").encode("utf-8", "replace").decode()
    terms = [fold(quoted or word).strip() for quoted, word in _TERM.findall(clean)]
    return list(dict.fromkeys(term for term in terms if term))[:MOST_TERMS]


def search(db: Connection, query: str, before: int | None = None) -> Found:
    """One page of hits, each of which holds all the words, in one step with its result's names.

    Five to seven statements, and three more for each further chunk of candidates.
    """
    terms = parse_terms(query)
    wanted = _wanted(terms)
    if not wanted:
        return Found([], [])
    waiting = max(0, pending_count(db) - SCANNED)
    dialect = db.dialect.name
    asked: Any = [trigram_number(item) for item in wanted] if dialect == "postgresql" else " AND ".join('"' + item.replace('"', '""') + '"' for item in wanted)
    start, last = time.monotonic(), before or _END
    pending = [item for item in load_texts(db, set(db.scalars(_PENDING, {"limit": SCANNED}))) if position(item[0]) < last]
    hits: list[Hit] = []
    while True:
        rows = db.execute(text(_CANDIDATES[dialect]), {"wanted": asked, "before": last, "limit": CHUNK}).all()
        at_end = len(rows) < CHUNK
        floor = 0 if at_end else rows[-1].id
        fresh = {item[0].id for item in pending}
        batch = [item for item in pending if position(item[0]) >= floor] + load_texts(db, [row.result_id for row in rows if row.result_id not in fresh])
        pending = [item for item in pending if position(item[0]) < floor]
        for result, steps in sorted(batch, key=lambda item: position(item[0]), reverse=True):
            hit = _look(result, steps, terms)
            if hit is not None:
                if len(hits) == PER_PAGE:
                    return Found(terms, hits, position(hits[-1].result), waiting=waiting)
                hits.append(hit)
        if at_end:
            return Found(terms, hits, waiting=waiting)
        last = floor
        if time.monotonic() - start > PATIENCE:
            return Found(terms, hits, last, unfinished=True, waiting=waiting)


def _wanted(terms: list[str]) -> list[str]:
    """Trigrams to ask the index for: all, or evenly chosen ones of a long query."""
    found = sorted(set().union(*(trigrams(term) for term in terms)))
    return found[:: -(-len(found) // MOST_TRIGRAMS)] if found else []


def _look(result: Any, steps: list[Any], terms: list[str]) -> Hit | None:
    head = joined(result, RESULT_FIELDS)
    missing = [term for term in terms if term not in head]
    matching = []
    for step in steps:
        body = joined(step, STEP_FIELDS)
        if all(term in body for term in missing) and any(term in body for term in terms):
            matching.append(step)
    if missing and not matching:
        return None
    shown = [StepHit(step.step_number, step.status, step.action, _snippets(step, STEP_FIELDS, terms)) for step in matching[:STEPS_SHOWN]]
    return Hit(result, _snippets(result, RESULT_FIELDS, terms), shown, len(matching) - len(shown))


def _snippets(row: Any, fields: tuple[str, ...], terms: list[str]) -> list[Snippet]:
    snippets = []
    for name in fields:
        value = getattr(row, name)
        if not value or (name == "full_name" and value == row.name):
            continue
        found = fold(value)
        places = sorted((place, len(term)) for term in terms if (place := found.find(term)) >= 0)
        if places:
            snippets.append(Snippet(name, mark(value, terms, places[0][0])))
    return snippets


def mark(value: str, terms: list[str], place: int) -> list[tuple[str, bool]]:
    """The text around `place`, cut into pieces, each with whether it is a match of one of the terms."""
    start, end = max(0, place - AROUND), min(len(value), place + AROUND * 3)
    pieces: list[tuple[str, bool]] = [("…", False)] if start else []
    pattern = re.compile("|".join(re.escape(term) for term in sorted(terms, key=len, reverse=True)))
    at = start
    for match in pattern.finditer(fold(value), start, end):
        pieces += [(value[at : match.start()], False), (value[match.start() : match.end()], True)]
        at = match.end()
    pieces += [(value[at:end], False), ("…" if end < len(value) else "", False)]
    return [piece for piece in pieces if piece[0]]
