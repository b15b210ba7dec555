"""The spool: a folder of tests that are not stored yet, whole, with their files. What is in it survives Ctrl-C, SIGKILL and a server that is away.

{spool}/{run id}/run.json               the run, the server's URL, where its tests are read from
{spool}/{run id}/done                   a line for each test that is stored: result id, status
{spool}/{run id}/tests/{result id}/     test.json, and the files; `attempted` once something of it was sent
"""

import json
import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from artifactsvc.client.records import test_from_json, test_to_json
from artifactsvc.client.report import ReportTest, Skipped

try:
    import fcntl
except ImportError:  # Windows: do not resume a run that is still being uploaded there
    fcntl = None  # type: ignore[assignment]


def default_spool() -> Path:
    """`$ARTIFACTSVC_SPOOL`, or a folder of the user's that stays."""
    if named := os.environ.get("ARTIFACTSVC_SPOOL"):
        return Path(named)
    try:
        state = os.environ.get("XDG_STATE_HOME") or str(Path.home() / ".local" / "state")
    except RuntimeError:  # a container's user without a home
        state = tempfile.gettempdir()
    return Path(state) / "artifactsvc" / "spool"


@dataclass
class SpooledTest:
    """A test in the spool, with its attachments' files; `nonce` goes into its idempotency keys."""

    folder: Path
    test: ReportTest
    nonce: str

    @property
    def result_id(self) -> str:
        return self.folder.name

    def is_attempted(self) -> bool:
        return (self.folder / "attempted").exists()

    def mark_attempted(self) -> None:
        (self.folder / "attempted").touch()


@dataclass
class SpooledRun:
    """A run in the spool. Several processes may add to one run and send from it."""

    folder: Path
    url: str
    run: dict[str, Any]
    sources: list[str] = field(default_factory=list)
    format: str | None = None
    complete: bool = False
    shared: bool = False
    png_level: int | None = None
    keep_refused: bool = False
    seen: set[str] = field(default_factory=set)
    stored_before: set[str] | None = None
    _held: TextIO | None = None

    @property
    def run_id(self) -> str:
        return self.folder.name

    @property
    def tests(self) -> Path:
        return self.folder / "tests"

    @property
    def refused(self) -> Path | None:
        """Where refused tests and files are kept, for a run that has no report to find them in."""
        return self.folder.parent / "refused" / self.run_id if self.keep_refused else None

    def save(self) -> None:
        names = ("url", "run", "sources", "format", "complete", "shared", "png_level", "keep_refused")
        self.tests.mkdir(parents=True, exist_ok=True)
        _write(self.folder / "run.json", {name: getattr(self, name) for name in names})

    def add(self, test: ReportTest) -> tuple[SpooledTest | None, list[Skipped]]:
        """Put a test into the spool, with copies of its files. It is there whole or not at all.

        Returns it, or None when it is there or stored already, and the files that are not where the report says.
        """
        result_id = self.identify(test)
        if self.stored_before is None:
            self.stored_before = set(self.done())
        if result_id in self.stored_before or (self.tests / result_id).exists():
            return None, []
        staging = Path(tempfile.mkdtemp(prefix=".new-", dir=self.tests))
        attachments, skipped = [], []
        for index, item in enumerate(test.attachments):
            target = staging / f"{index}{Path(item.name).suffix[:16] if Path(item.name).suffix.isascii() else ''}"
            try:
                if item.data is not None:
                    target.write_bytes(item.data)
                else:
                    assert item.path is not None
                    shutil.copyfile(item.path, target)
            except FileNotFoundError:
                skipped.append(Skipped(f"{item.name} of {test.name}", f"there is no file {item.path}"))
            except (IsADirectoryError, PermissionError) as error:
                skipped.append(Skipped(f"{item.name} of {test.name}", f"cannot be read: {error.strerror}"))
            else:
                attachments.append((item, target.name))
        _write(staging / "test.json", {"nonce": uuid.uuid4().hex, "test": test_to_json(test, attachments)})
        folder = self.tests / result_id
        try:
            os.rename(staging, folder)
        except OSError:
            shutil.rmtree(staging, ignore_errors=True)
            if folder.exists() or result_id in self.done():  # another process that uploads the same run was quicker
                return None, []
            raise
        return load_test(folder), skipped

    def identify(self, test: ReportTest) -> str:
        """The id of a test's result: the same whenever the same test is added to the same run. A key that comes again is another test."""
        result_id = str(uuid.uuid5(uuid.UUID(self.run_id), test.key))
        number = 2
        while result_id in self.seen:
            result_id = str(uuid.uuid5(uuid.UUID(self.run_id), f"{test.key}#{number}"))
            number += 1
        self.seen.add(result_id)
        return result_id

    def waiting(self) -> list[Path]:
        """The folders of the tests that are to be sent."""
        try:
            return sorted(path for path in self.tests.iterdir() if not path.name.startswith("."))
        except FileNotFoundError:
            return []

    def mark_done(self, entry: SpooledTest) -> None:
        """The test is stored: note it, and remove it."""
        with (self.folder / "done").open("a") as file:
            file.write(f"{entry.result_id} {entry.test.status}\n")
        # at one stroke: of a folder half removed when the process is killed, the rest would wait for ever for its files
        gone = entry.folder.with_name(f".gone-{entry.result_id}")
        try:
            os.rename(entry.folder, gone)
        except OSError:  # another process that sends the same run was quicker
            return
        shutil.rmtree(gone, ignore_errors=True)

    def done(self) -> dict[str, str]:
        """Result id -> status of every test that is stored."""
        try:
            lines = (self.folder / "done").read_text().splitlines()
        except FileNotFoundError:
            return {}
        return dict(line.split(" ", 1) for line in lines if " " in line)

    def remove(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def lock(self, alone: bool) -> Iterator[bool]:
        """Hold the run while it is worked on: `alone`, or beside others. Yields whether it is held."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with (self.folder / "lock").open("a") as file:
            try:
                if fcntl is not None:
                    fcntl.flock(file, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
            except OSError:
                yield False
                return
            self._held = file
            try:
                yield True
            finally:
                self._held = None

    def is_alone(self) -> bool:
        """Whether nobody else works on the run; who holds it shared gets it alone."""
        try:
            if fcntl is not None and self._held is not None:
                fcntl.flock(self._held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def tidy(self) -> None:
        """Remove what a killed process left half written or half removed. Only for who holds the run alone."""
        for pattern in (".new-*", ".gone-*"):
            for path in self.tests.glob(pattern):
                shutil.rmtree(path, ignore_errors=True)


def new_run(spool: Path, url: str, run: dict[str, Any], **more: Any) -> SpooledRun:
    """A run in the spool; `run` is the body of its POST, with its id. One that is there already is taken up again."""
    spooled = SpooledRun(spool / run["id"], url, run, **more)
    spooled.save()
    return spooled


def load_run(folder: Path) -> SpooledRun:
    """Raises ValueError for what is no run."""
    try:
        return SpooledRun(folder, **json.loads((folder / "run.json").read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise ValueError(f"{folder} is no spooled run: {error}") from None


def load_test(folder: Path) -> SpooledTest:
    """Raises ValueError for what is no test."""
    try:
        value = json.loads((folder / "test.json").read_text(encoding="utf-8"))
        return SpooledTest(folder, test_from_json(value["test"], folder), value["nonce"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{folder} is no spooled test: {error}") from None


def spooled_runs(spool: Path) -> list[Path]:
    """The folders of all runs, oldest first."""
    return sorted((path.parent for path in spool.glob("*/run.json")), key=lambda path: path.stat().st_mtime)


def _write(path: Path, value: Any) -> None:
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    beside.write_text(json.dumps(value), encoding="utf-8")
    os.replace(beside, path)
