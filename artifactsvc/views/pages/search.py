"""`/search`: words and parts of words in the names, steps and errors of all results."""

from typing import Any

from artifactsvc.resources import SearchPage
from artifactsvc.schemas.search import SearchQuery
from artifactsvc.security import Permission
from artifactsvc.services.search import search
from artifactsvc.views.pages.config import page_view

LABELS = {
    "name": "Test", "full_name": "Full name", "suite": "Suite", "error_type": "Error", "error_message": "Message", "action": "Action",
    "description": "Description", "element_selector": "Selector", "element_name": "Element", "stack_trace": "Stack trace",
}  # fmt: skip


@page_view(context=SearchPage, permission=Permission.READ, template="search.jinja2", query=SearchQuery)
def search_page(context: SearchPage, request: Any) -> dict[str, Any]:
    query, before = request.validated["q"], request.validated["before"]
    return {"query": query, "before": before, "found": search(request.dbread, query, before), "labels": LABELS}
