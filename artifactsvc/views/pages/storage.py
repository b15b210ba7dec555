"""`/storage`: what the store holds, how it grows, and what is left."""

from typing import Any

from artifactsvc.resources import StoragePage
from artifactsvc.security import Permission
from artifactsvc.services.storage import Group, Kept, free_space
from artifactsvc.views.pages.config import page_view

WIDTH, HEIGHT = 960, 160  # of the chart, in its own units
MONTHS = 36  # in the chart; the table has all


def includeme(config: Any) -> None:
    config.registry["storage figures"] = Kept()


@page_view(context=StoragePage, permission=Permission.MANAGE, template="storage.jinja2")
def storage(context: StoragePage, request: Any) -> dict[str, Any]:
    figures = request.registry["storage figures"].get(request.dbread)
    space = free_space(request.registry["file store"].root)
    return {"figures": figures, "space": space, "bars": bars(figures.months[-MONTHS:]), "width": WIDTH, "height": HEIGHT}


def bars(months: Any) -> list[dict[str, Any]]:
    """A bar for each month, `x`, `y`, `width` and `height` in the chart's units; what holds a byte is at least one unit high.

    The last month stands at the right, with room for a year.
    """
    highest = max((group.size for group in months), default=0) or 1
    slots = max(len(months), 12)
    room = WIDTH / slots
    return [_bar(group, number * room, room, highest) for number, group in enumerate(months, slots - len(months))]


def _bar(group: Group, x: float, room: float, highest: int) -> dict[str, Any]:
    height = max(round(group.size / highest * HEIGHT, 1), 1 if group.size else 0)
    return {"group": group, "x": round(x + room * 0.1, 1), "y": HEIGHT - height, "width": round(room * 0.8, 1), "height": height}
