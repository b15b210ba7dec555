"""What became of an upload: counted while it goes, told at its end."""

import threading
from dataclasses import dataclass, field
from typing import Any

from artifactsvc.client.report import Damaged, Skipped

ALL_STORED, SOME_SPOOLED, SOME_REFUSED = 0, 3, 4  # 2 is wrong usage: nothing was sent
NAMED = 20  # skipped and refused things named in a printed summary; --json has them all


@dataclass
class Summary:
    """`refused` is what the server, or a limit it told, did not take, and what is damaged in the report; `skipped` what the report
    names and does not have.

    `bytes` counts the files as they were sent, `bytes_saved` what optimising took off them.
    """

    tests: int = 0
    already_there: int = 0
    steps: int = 0
    files: int = 0
    bytes: int = 0
    bytes_saved: int = 0
    spooled: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    skipped: list[tuple[str, str]] = field(default_factory=list)
    statuses: dict[str, int] = field(default_factory=dict)
    url: str | None = None
    trouble: str | None = None
    is_open: bool = False  # the run still waits to be closed
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def count(self, **numbers: int) -> None:
        with self._lock:
            for name, number in numbers.items():
                setattr(self, name, getattr(self, name) + number)

    def count_status(self, status: str) -> None:
        with self._lock:
            self.statuses[status] = self.statuses.get(status, 0) + 1

    def refuse(self, what: str, why: str) -> None:
        with self._lock:
            self.refused.append((what, why))

    def skip(self, what: str, why: str) -> None:
        with self._lock:
            self.skipped.append((what, why))

    def leave_out(self, item: Skipped) -> None:
        """What an importer could not take over."""
        (self.refuse if isinstance(item, Damaged) else self.skip)(item.what, item.why)

    @property
    def exit_status(self) -> int:
        """What is in the spool comes first: sending it is still to be done."""
        if self.spooled or self.is_open:
            return SOME_SPOOLED
        return SOME_REFUSED if self.refused else ALL_STORED

    def as_json(self) -> dict[str, Any]:
        names = ("url", "tests", "already_there", "statuses", "steps", "files", "bytes", "bytes_saved", "spooled", "trouble")
        told: dict[str, Any] = {name: getattr(self, name) for name in names}
        for name in ("refused", "skipped"):
            told[name] = [{"what": what, "why": why} for what, why in getattr(self, name)]
        return told | {"exit_status": self.exit_status}

    def lines(self) -> list[str]:
        """For a person."""
        return [*self._counts(), *self.trouble_lines()]

    def _counts(self) -> list[str]:
        total = f"{plural(self.tests, 'test')}, {plural(self.steps, 'step')}, {plural(self.files, 'file')}, {human_size(self.bytes)}"
        lines = [total + (f" ({human_size(self.bytes_saved)} saved)" if self.bytes_saved else "")]
        if self.statuses:
            lines.append(", ".join(f"{number} {status.lower()}" for status, number in sorted(self.statuses.items())))
        if self.already_there:
            lines.append(f"{plural(self.already_there, 'test')} there already")
        return lines

    def trouble_lines(self) -> list[str]:
        """What went wrong, and what is not stored."""
        lines = []
        for word, items in (("refused or damaged", self.refused), ("skipped", self.skipped)):
            if items:
                lines.append(f"{len(items)} {word}:")
                lines += [f"  {what}: {why}" for what, why in items[:NAMED]]
                if len(items) > NAMED:
                    lines.append(f"  … and {len(items) - NAMED} more (--json names all)")
        if self.trouble:
            lines.append(self.trouble)
        if self.spooled or self.is_open:
            lines.append(f"{plural(self.spooled, 'test')} in the spool; send later with: artifactsvc upload --resume")
        return lines


def plural(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def human_size(number: float) -> str:
    """`1.4 MB`: one digit behind the point is enough for a person."""
    for unit in ("bytes", "KB", "MB"):
        if number < 1024:
            return f"{number:.0f} {unit}" if unit == "bytes" else f"{number:.1f} {unit}"
        number /= 1024
    return f"{number:.1f} GB"
