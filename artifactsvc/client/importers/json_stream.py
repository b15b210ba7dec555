"""Parts of a large JSON file, one at a time."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from artifactsvc.client.report import ImportFailedError


def stream(file: Path, prefixes: tuple[str, ...], keys: bool = False) -> Iterator[tuple[str, Any]]:
    """Yields (prefix, value) for each value at one of the prefixes (in ijson's form: `suites.item`), in the order of the file.

    Parameters: `keys`, to have ("", key) for each key of the outermost object as well.
    Raises ImportFailedError where the file stops being JSON.
    """
    import ijson  # not when the client is imported

    builder = None
    at = ""
    depth = 0
    try:
        with file.open("rb") as opened:
            if opened.read(3) != b"\xef\xbb\xbf":
                opened.seek(0)
            for prefix, event, value in ijson.parse(opened, use_float=True):
                if keys and event == "map_key" and prefix == "":
                    yield "", value
                if builder is None and prefix in prefixes and event != "map_key" and not event.startswith("end_"):
                    builder, at = ijson.ObjectBuilder(), prefix
                if builder is not None:
                    builder.event(event, value)
                    depth += event.startswith("start_") - event.startswith("end_")
                    if depth == 0:
                        yield at, builder.value
                        builder = None
    except (ijson.JSONError, UnicodeDecodeError, RecursionError) as error:
        raise ImportFailedError(f"{file}: no JSON, or a damaged one: {' '.join(str(error).split())}") from error
