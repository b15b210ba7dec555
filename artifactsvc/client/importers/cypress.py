"""The screenshots and videos that Cypress leaves beside a Mochawesome report, found by their names.

They are looked for in folders named `screenshots` and `videos`: below the report's folder, beside it, and in a folder `cypress` beside it.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from artifactsvc.client.importers.files import media_type, report_files
from artifactsvc.client.importers.mapping import artifact_type
from artifactsvc.client.report import Attachment, Skipped

_ENDING = re.compile(r"( -- (?:before|after) (?:each|all) hook)?( \(failed\))?(?: \(attempt (\d+)\))?$")
_FOLDERS = ("screenshots", "videos")


class Pictures:
    """Parameters: `folder`, where the report is."""

    def __init__(self, folder: Path) -> None:
        root = folder.resolve()
        found = {file for file in report_files(root, _is_evidence) if not set(_FOLDERS).isdisjoint(file.relative_to(root).parts)}
        for beside in (root.parent, root.parent / "cypress"):
            for name in _FOLDERS:
                found.update(report_files(beside / name, _is_evidence) if beside != root and (beside / name).is_dir() else ())
        self._left = {file for file in found if not file.is_symlink()}
        self._by_title: dict[str, list[tuple[int, Path]]] = {}
        self._videos = sorted(file for file in self._left if (media_type(file.name) or "").startswith("video/"))
        for file in sorted(self._left):
            ending = _ENDING.search(file.stem)
            title = file.stem[: ending.start()] if ending else file.stem
            self._by_title.setdefault(_plain(title), []).append((int(ending[3] or 1) if ending else 1, file))

    def of_test(self, titles: Iterable[str], spec: str, taken: Iterable[Path]) -> list[Attachment | Skipped]:
        """The screenshots that bear a test's titles, those of a further attempt with its number. `taken`: files that the report itself names."""
        taken = set(taken)
        self._left -= taken
        title = _plain(" -- ".join(titles))
        found = [item for item in self._by_title.get(title, []) if item[1] not in taken]
        own = [item for item in found if Path(spec).name in item[1].parts]
        attachments: list[Attachment | Skipped] = []
        for attempt, file in own or found:
            self._left.discard(file)
            attachments.append(_attachment(file, attempt))
        return attachments

    def videos_of(self, spec: str) -> list[Attachment | Skipped]:
        """The video of a file of tests: `login.cy.js.mp4` of `login.cy.js`."""
        names = {Path(spec).name, Path(spec).stem} - {""}
        found = [file for file in self._videos if file.stem in names]
        self._left -= set(found)
        return [_attachment(file, 1) for file in found]

    def left_over(self) -> Iterator[Skipped]:
        for file in sorted(self._left):
            yield Skipped(str(file), "no test of the report has its name")


def _attachment(file: Path, attempt: int) -> Attachment:
    kind = media_type(file.name)
    return Attachment(
        name=file.name,
        path=file,
        media_type=kind,
        artifact_type=artifact_type(kind or "", file.name),
        artifact_category="error" if "(failed)" in file.name else None,
        iteration_number=attempt,
        description=f"Attempt {attempt}" if attempt > 1 else None,
    )


def _is_evidence(file: Path) -> bool:
    return (media_type(file.name) or "").startswith(("image/", "video/"))


def _plain(title: str) -> str:
    """A title without the characters that Cypress leaves out of file names."""
    return " ".join(re.sub(r'["\'?*:/\\<>|]', "", title).split())
