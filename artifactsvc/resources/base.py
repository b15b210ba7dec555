"""The nodes of the URL tree, and the directive that states where each stands.

`config.add_resource(path, class)` queues a Pyramid action: the same path twice, or a path whose parent is not stated, stops
the start. The introspector lists the tree afterwards (category "resources").
"""

from typing import Any, ClassVar

from pyramid.exceptions import ConfigurationError

ITEM = "{id}"


class Node:
    """A place in the URL tree.

    `__parent__` and `__name__` are Pyramid's; `row` is what an item node loaded, None elsewhere.
    """

    __acl__: ClassVar[Any]

    def __init__(self, request: Any, parent: "Node | None", name: str, row: Any = None) -> None:
        self.request = request
        self.__parent__: Any = parent
        self.__name__ = name
        self.row = row

    def __getitem__(self, name: str) -> Any:
        children = self.request.registry["resource tree"].get(type(self), {})
        child = children.get(name)
        if child is not None:
            return child(self.request, self, name)
        item = children.get(ITEM)
        if item is None:
            raise KeyError(name)
        try:
            row = item.load(self, name)
        except KeyError as error:
            # Pyramid would take it for "not there"
            raise RuntimeError(f"a KeyError in {item.__name__}.load is a bug") from error
        if row is None:
            raise KeyError(name)
        return item(self.request, self, name, row)


class ItemNode(Node):
    """A node for one row. `missing` is what its 404 says."""

    missing: ClassVar[str]

    @staticmethod
    def load(parent: Node, name: str) -> Any:
        """The row called `name` below `parent`, or None. Reads through `request.dbread` by a service."""
        raise NotImplementedError


def missing_text(context: Any, request: Any) -> str:
    """What the 404 says when traversal ended at `context`: an item that is not there has its own text."""
    item = request.registry["resource tree"].get(type(context), {}).get(ITEM)
    return item.missing if item is not None and request.view_name else "Not found"


def includeme(config: Any) -> None:
    config.registry["resource tree"] = {}
    config.add_directive("add_resource", add_resource)


def add_resource(config: Any, path: str, node: type[Node]) -> None:
    """State that `node` answers at `path`; `{id}` is the place of an item.

    Raises ConfigurationError at the end of the configuration when the parent of `path` is not stated, or when one class
    stands in two places.
    """
    parent_path, _, name = path.rpartition("/")

    def register() -> None:
        places = config.registry["resource places"] = config.registry.get("resource places") or {}
        if node in places.values():
            raise ConfigurationError(f"{node.__name__} stands at two places; {path} is the second")
        if path != "/":
            parent = places.get(parent_path or "/")
            if parent is None:
                raise ConfigurationError(f"{path} has no parent: {parent_path or '/'} is not a resource")
            config.registry["resource tree"].setdefault(parent, {})[name] = node
        places[path] = node

    introspectable = config.introspectable("resources", path, path, "resource")
    introspectable["path"] = path
    introspectable["class"] = node
    config.action(("resource", path), register, introspectables=(introspectable,), order=path.count("/") if path != "/" else 0)
