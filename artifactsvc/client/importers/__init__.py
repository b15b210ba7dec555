"""The registry of importers: entry points in the group `artifactsvc.importers`, each a class that is called without arguments."""

from pathlib import Path

from artifactsvc.client.report import Importer, ImportFailedError

GROUP = "artifactsvc.importers"


def importers() -> dict[str, Importer]:
    """Every installed importer by its name, in the order of the names; of two with one name the one that Python's path has first."""
    from importlib.metadata import entry_points

    found: dict[str, Importer] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name):
        if entry.name not in found:
            found[entry.name] = entry.load()()
    return found


def find_importer(path: Path, format: str | None = None) -> Importer:
    """The importer for a report, by its content, or by the name of its `format`.

    Raises ImportFailedError when there is no such path or format, or when no importer or more than one knows what it is.
    """
    known = importers()
    names = ", ".join(known)
    if format is not None and format not in known:
        raise ImportFailedError(f"unknown format {format!r}; known formats: {names}")
    if not path.exists():
        raise ImportFailedError(f"{path}: there is no such file or folder")
    if format is not None:
        return known[format]
    found = [importer for importer in known.values() if importer.finds(path)]
    if not found:
        raise ImportFailedError(f"{path}: no report in a known format ({names}); name one with --format when this is one")
    if len(found) > 1:
        kinds = ", ".join(importer.name for importer in found)
        raise ImportFailedError(f"{path}: holds reports in several formats ({kinds}); choose with --format, or name the reports one by one")
    return found[0]
