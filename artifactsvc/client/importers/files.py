"""Where reports and their files lie: finding reports below a folder, and an attachment that a report names.

What a report names is taken only when it is a regular file, after all links, below the folder that was given (or the one the report is in), or below
the current folder when the report lies there too; in the latter nothing below a hidden folder counts, nor does a current folder that is the root or
the home folder. An absolute path of another machine is looked for by its last parts below the report's folder.
"""

import mimetypes
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from artifactsvc.client.importers.mapping import artifact_type
from artifactsvc.client.report import Attachment, Damaged, ImportFailedError, ReportTest, Skipped

DEPTH = 4  # folders below the one that was given; a whole project is no report
FAULTS = (KeyError, TypeError, ValueError, AttributeError, IndexError, RecursionError)  # what damaged content makes the readers raise
_NOT_REPORTS = {"node_modules", "__pycache__", "site-packages"}
_MEDIA_TYPES = {".log": "text/plain", ".har": "application/json", ".webm": "video/webm", ".webp": "image/webp", ".md": "text/plain"}


def report_files(path: Path, wanted: Callable[[Path], bool]) -> Iterator[Path]:
    """The files at or below `path` that are `wanted`, in the order of their names. Hidden folders are left out."""
    if path.is_file():
        if wanted(path):
            yield path
        return
    for folder, folders, names in os.walk(path):
        below = len(Path(folder).relative_to(path).parts)
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _NOT_REPORTS) if below < DEPTH else []
        for name in sorted(names):
            file = Path(folder, name)
            if file.is_file() and wanted(file):
                yield file


def head(path: Path, size: int = 4096) -> str:
    """The beginning of a file as text; empty when it cannot be read."""
    try:
        with path.open("rb") as file:
            return file.read(size).decode("utf-8-sig", "replace")
    except OSError:
        return ""


def read_reports(
    path: Path, wanted: Callable[[Path], bool], read: Callable[[Path], Iterator[ReportTest | Skipped]], kind: str
) -> Iterator[ReportTest | Skipped]:
    """What `read` makes of each report of a kind at `path`.

    One report of several that cannot be read is skipped, and so is the rest of one that is damaged further on.
    Raises ImportFailedError when there is no report, or none that can be read.
    """
    files = [path] if path.is_file() else sorted(report_files(path, wanted))
    if not files:
        raise ImportFailedError(f"{path}: no {kind} report in there")
    tests, failures = 0, []
    for file in files:
        before = tests
        try:
            for item in read(file):
                tests += isinstance(item, ReportTest)
                yield item
        except (ImportFailedError, OSError) as error:
            failures.append(error)
            if tests > before:
                yield Damaged(f"the rest of {file}", str(error))
            elif len(files) > 1:
                yield Damaged(str(file), str(error))
    if failures and not tests:
        raise ImportFailedError(str(failures[0])) from failures[0]


def media_type(name: str) -> str | None:
    """What a file's name suggests; None when it suggests nothing."""
    suffix = Path(name).suffix.lower()
    return _MEDIA_TYPES.get(suffix) or mimetypes.guess_type("x" + suffix)[0]


def plain(declared: Any) -> str | None:
    """A declared media type without its parameters, in lower case; None when nothing useful is declared."""
    name = declared.partition(";")[0].strip().lower() if isinstance(declared, str) else ""
    if name == "text/markdown":  # every service takes text/plain
        return "text/plain"
    return name if name and name != "application/octet-stream" else None


def from_memory(name: str, data: bytes, declared: str | None = None, **fields: Any) -> Attachment:
    """A file that the report carries in itself. Its name gets an extension when it has none, so that it can be opened."""
    kind = plain(declared) or media_type(name) or "application/octet-stream"
    if media_type(name) is None and kind != "application/octet-stream":
        name = (name or "attachment") + (".txt" if kind == "text/plain" else mimetypes.guess_extension(kind) or "")
    return Attachment(name=name, data=data, media_type=kind, artifact_type=artifact_type(kind, name), **fields)


class Evidence:
    """The files around one report. Parameters: `report`, the file; `given`, the path that the user named: it, or a folder around it."""

    def __init__(self, report: Path, given: Path) -> None:
        self.folder = report.parent.resolve()
        self.root = given.resolve() if given.is_dir() else self.folder
        current = Path.cwd().resolve()
        usual = current.parent != current and current != Path.home().resolve() and self.folder.is_relative_to(current)
        self._current = current if usual else None

    def attach(self, reference: str, declared: Any = None, **fields: Any) -> Attachment | Skipped:
        """The file that the report calls `reference`, a path or file URL; other fields of the attachment as given."""
        try:
            found = self._find(reference)
            if isinstance(found, str) and "%" in reference:  # as in a link
                found = self._find(unquote(reference))
        except (OSError, ValueError) as error:
            return Skipped(f"attachment {reference}", f"its name cannot be used: {error}")
        if isinstance(found, str):
            return Skipped(f"attachment {reference}", found)
        kind = plain(declared) or media_type(found.name)
        name = fields.pop("name", None) or found.name
        return Attachment(name=name, path=found, media_type=kind, artifact_type=artifact_type(kind or "", found.name), **fields)

    def _find(self, reference: str) -> Path | str:
        if reference.lower().startswith("file:"):
            reference = unquote(re.sub(r"^file:(//[^/]*)?", "", reference, flags=re.IGNORECASE))
        if "\\" in reference and "/" not in reference:
            reference = reference.replace("\\", "/")
        if not reference.strip():
            return "the report gives no path"
        path = Path(reference)
        candidates = [path] if path.is_absolute() else [self.folder / path, self.root / path, *([self._current / path] if self._current else [])]
        refused = False
        for candidate in candidates:
            if (real := candidate.resolve()).is_file():
                if self._allowed(real):
                    return real
                refused = True
        if refused:
            return "lies outside of the report's folder"
        if (path.is_absolute() or re.match(r"[A-Za-z]:", reference)) and ".." not in path.parts:
            for start in range(1, len(path.parts)):
                for base in (self.folder, self.root):
                    real = base.joinpath(*path.parts[start:]).resolve()
                    if real.is_file() and self._allowed(real):
                        return real
        return "the file is missing"

    def _allowed(self, real: Path) -> bool:
        if real.is_relative_to(self.root):
            return True
        return bool(self._current and real.is_relative_to(self._current) and not any(part.startswith(".") for part in real.relative_to(self._current).parts))
