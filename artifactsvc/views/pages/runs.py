"""`/`: the runs, newest first. `/results`: the results that belong to none."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from artifactsvc.resources import ResultPages, Root
from artifactsvc.schemas.pages import ResultsQuery, RunsQuery
from artifactsvc.security import Permission
from artifactsvc.services import run_lists
from artifactsvc.views.pages.config import page_view

RUNS_PER_PAGE = 30
RESULTS_PER_PAGE = 100


@page_view(context=Root, permission=Permission.READ, template="runs.jinja2", query=RunsQuery)
def runs(context: Root, request: Any) -> dict[str, Any]:
    wanted = dict(request.validated)
    after, until = wanted.pop("after"), wanted.pop("until")
    found = run_lists.list_runs(request.dbread, RUNS_PER_PAGE, after, until=until + timedelta(days=1) if until else None, **wanted)
    filters = {name: request.GET.get(name, "") for name in ("status", "text", "project", "branch", "since", "until")}
    return {
        "runs": found.rows,
        "filters": filters,
        "filtered": any(filters.values()),
        "first": after is None,
        "projects": run_lists.list_projects(request.dbread),
        "next": following(request, found.after),
        "server": request.host_url,
    }


@page_view(context=ResultPages, permission=Permission.READ, template="results.jinja2", query=ResultsQuery)
def results_without_run(context: ResultPages, request: Any) -> dict[str, Any]:
    wanted = request.validated
    rows, after = run_lists.results_without_run(request.dbread, RESULTS_PER_PAGE, wanted["after"], wanted["status"], wanted["text"])
    filters = {name: request.GET.get(name, "") for name in ("status", "text")}
    return {"results": rows, "filters": filters, "filtered": any(filters.values()), "next": following(request, after)}


def following(request: Any, after: str | None) -> str | None:
    """The query that leads on, with the filters there are."""
    if after is None:
        return None
    kept = [(name, value) for name, value in request.GET.items() if value and name != "after"]
    return "?" + urlencode([*kept, ("after", after)])
