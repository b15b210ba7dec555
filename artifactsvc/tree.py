"""Lists the URL tree from what was declared: the resources' table and the views, both as Pyramid's introspector has them."""

from typing import Any, NamedTuple


class Url(NamedTuple):
    path: str
    method: str
    permission: str


def list_urls(registry: Any) -> list[Url]:
    """Every URL with every method it answers, in the order of the table."""
    introspector = registry.introspector
    views: dict[type, list[Any]] = {}
    for entry in introspector.get_category("views") or ():
        view = entry["introspectable"]
        if view["request_methods"]:
            views.setdefault(view["context"], []).append(view)
    urls = []
    for entry in introspector.get_category("resources"):
        resource = entry["introspectable"]
        for view in views.get(resource["class"], ()):
            path = resource["path"].rstrip("/") + ("/" + view["name"] if view["name"] else "")
            methods = view["request_methods"]
            for method in (methods,) if isinstance(methods, str) else methods:
                permission = _permission(introspector, view)
                urls.append(Url(path or "/", method, permission))
    return sorted(set(urls), key=lambda url: (url.path, url.method))


def _permission(introspector: Any, view: Any) -> str:
    for related in introspector.related(view):
        if related.category_name == "permissions":
            return "open" if related["value"] == "__no_permission_required__" else str(related["value"])
    return "open"
