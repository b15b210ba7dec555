"""`/`: the list of runs."""

from typing import Any

from artifactsvc.resources import Root
from artifactsvc.security import Permission
from artifactsvc.services import test_runs
from artifactsvc.views.pages.config import page_view


@page_view(context=Root, permission=Permission.READ, template="runs.jinja2")
def runs(context: Root, request: Any) -> dict[str, Any]:
    return {"runs": test_runs.list_runs(request.dbread, 1, 50).rows}
