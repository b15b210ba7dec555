"""`/runs/{id}`: what came of one run."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from artifactsvc.resources import RunPage
from artifactsvc.schemas.pages import RunQuery
from artifactsvc.security import Permission
from artifactsvc.services import run_lists
from artifactsvc.services.failures import group_by_cause
from artifactsvc.views.pages.config import page_view
from artifactsvc.views.pages.formats import commit_link, web_link

PER_PAGE = 500
SLOWEST = 10
_ORDER = {"Failed": 0, "Pending": 1, "Passed": 2, "Skipped": 3}


@page_view(context=RunPage, permission=Permission.READ, template="run.jinja2", query=RunQuery)
def run(context: RunPage, request: Any) -> dict[str, Any]:
    row, wanted = context.row, request.validated
    results = run_lists.results_of_run(request.dbread, row.id)
    totals = run_lists.find_totals(request.dbread, [row.id])[row.id]
    shown = in_order([result for result in results if _is_wanted(result, wanted)])
    pages = max(1, -(-len(shown) // PER_PAGE))
    page = min(wanted["page"], pages)
    kept = [(name, request.GET[name]) for name in ("status", "text") if request.GET.get(name)]
    return {
        "run": row,
        "build": web_link(row.build_url),
        "commit": commit_link(row.build_url, row.commit_sha),
        "totals": totals,
        "duration": totals.duration_ms(row),
        "causes": group_by_cause(results),
        "slowest": sorted((result for result in results if result.duration_ms), key=lambda result: -result.duration_ms)[:SLOWEST],
        "suites": by_suite(shown[(page - 1) * PER_PAGE : page * PER_PAGE]),
        "shown": len(shown),
        "page": page,
        "pages": pages,
        "page_link": lambda number: "?" + urlencode([*kept, ("page", number)]),
        "filters": {name: request.GET.get(name, "") for name in ("status", "text")},
        "pending": row.status == "Pending" or totals.counts["Pending"] > 0,
    }


def _is_wanted(result: Any, wanted: dict[str, Any]) -> bool:
    if wanted["status"] and result.status != wanted["status"]:
        return False
    text = (wanted["text"] or "").lower()
    return not text or text in result.name.lower() or text in (result.suite or "").lower() or text in (result.error_message or "").lower()


def in_order(results: Sequence[Any]) -> list[Any]:
    """Suites with failures first; in each the failed tests first, then by name."""
    failed = {result.suite or "" for result in results if result.status == "Failed"}

    def place(result: Any) -> tuple[bool, str, int, str]:
        suite = result.suite or ""
        return suite not in failed, suite, _ORDER[result.status], result.name

    return sorted(results, key=place)


def by_suite(results: Sequence[Any]) -> list[tuple[str, list[Any]]]:
    groups: dict[str, list[Any]] = {}
    for result in results:
        groups.setdefault(result.suite or "", []).append(result)
    return list(groups.items())
