"""Allure's containers: the set-up and tear-down of fixtures, and for which results they ran."""

import json
import os
import time
from pathlib import Path
from typing import Any

from artifactsvc.client.importers.files import FAULTS
from artifactsvc.client.report import Skipped

CONTAINER = "-container.json"
SETTLED_NS = 1_000_000_000


class Containers:
    """The containers of a folder. Keeps which of them belong to which result, not what is in them; a container is written once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._seen: set[str] = set()
        self._changed: int | None = None
        self._by_result: dict[str, list[Path]] = {}
        self._told: set[Path] = set()
        self._damaged: dict[str, Skipped] = {}

    @property
    def damaged(self) -> list[Skipped]:
        return list(self._damaged.values())

    def refresh(self) -> None:
        """Takes in the containers that have come since."""
        changed = self._folder.stat().st_mtime_ns
        if changed == self._changed:
            return
        # a folder's time has a coarse clock: one that changed just now may change again without showing it
        self._changed = changed if time.time_ns() - changed > SETTLED_NS else None
        with os.scandir(self._folder) as entries:
            names = sorted(entry.name for entry in entries if entry.name.endswith(CONTAINER) and entry.name not in self._seen)
        for file in (self._folder / name for name in names):
            try:
                children = list(json.loads(file.read_bytes()).get("children") or [])
            except (OSError, *FAULTS) as error:
                self._damaged[file.name] = Skipped(str(file), f"no readable Allure container: {error}")
                if _is_fresh(file):  # perhaps it is still being written
                    self._changed = None
                else:
                    self._seen.add(file.name)
                continue
            self._seen.add(file.name)
            self._damaged.pop(file.name, None)
            for uuid in children:
                self._by_result.setdefault(uuid, []).append(file)

    def fixtures(self, uuid: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """What ran before and after a result, each in the order of time."""
        before: list[dict[str, Any]] = []
        after: list[dict[str, Any]] = []
        for file in self._by_result.get(uuid, []):
            container = json.loads(file.read_bytes())
            self._told.add(file)
            before += container.get("befores") or []
            after += container.get("afters") or []
        return sorted(before, key=_start), sorted(after, key=_start)

    def untold(self) -> list[Path]:
        """The containers whose results were all read before they came."""
        return sorted({file for files in self._by_result.values() for file in files} - self._told)


def _is_fresh(file: Path) -> bool:
    try:
        return time.time_ns() - file.stat().st_mtime_ns < SETTLED_NS
    except OSError:
        return False


def _start(fixture: dict[str, Any]) -> float:
    start = fixture.get("start")
    return start if isinstance(start, int | float) else 0
