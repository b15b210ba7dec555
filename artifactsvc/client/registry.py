"""The importers that are installed: entry points in the group `artifactsvc.importers`. A team adds one by naming it in its package."""

from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from artifactsvc.client.report import Importer, ImportFailedError

GROUP = "artifactsvc.importers"


def importers() -> dict[str, Importer]:
    """Every importer by its name; of two with the same name the one that Python's path has first."""
    found: dict[str, EntryPoint] = {}
    for point in entry_points(group=GROUP):
        found.setdefault(point.name, point)
    return {name: found[name].load()() for name in sorted(found)}


def find_importer(path: Path, name: str | None = None) -> Importer:
    """The importer called `name`, or the one that finds its kind of report at `path`.

    Raises ImportFailedError when there is none, naming those there are.
    """
    known = importers()
    if name is not None:
        if name not in known:
            raise ImportFailedError(f"there is no format {name}; there are {', '.join(known) or 'none'}")
        return known[name]
    if not path.exists():
        raise ImportFailedError(f"{path} does not exist")
    for importer in known.values():
        if importer.finds(path):
            return importer
    raise ImportFailedError(f"{path} is no report that any importer knows ({', '.join(known) or 'none is installed'}); name one with --format")
