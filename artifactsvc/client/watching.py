"""Uploads Allure results while the tests run: a result file appears, whole, when its test has finished."""

import time
from pathlib import Path

from artifactsvc.client.importers import importers
from artifactsvc.client.jobs import Settings
from artifactsvc.client.progress import shown
from artifactsvc.client.report import Importer, ImportFailedError
from artifactsvc.client.summary import Summary
from artifactsvc.client.upload import Uploader

PATTERN = "*-result.json"
SETTLED = 0.5  # seconds since a file was last written
PATIENCE = 30.0  # seconds until a file that cannot be read counts as damaged


def watch(settings: Settings, folder: Path, every: float, idle: float | None) -> Summary:
    """Until Ctrl-C, or `idle` seconds without a new result. The folder may come later.

    Results that are there already when it starts are uploaded too. Raises ImportFailedError when no importer reads Allure.
    """
    importer = importers().get("allure")
    if importer is None:
        raise ImportFailedError("there is no importer for Allure results")
    # no sources: what was not read yet is not the spool's
    run = settings.new_run(complete=True)
    with run.lock(alone=False), shown(settings.quiet) as show:
        uploader = Uploader(run, settings.make_client(), settings.options, lambda summary: show(summary, uploader.added))
        uploader.start()
        watcher = _Watcher(importer, folder, uploader)
        try:
            last = time.monotonic()
            while idle is None or time.monotonic() - last < idle:
                if watcher.look(SETTLED):
                    last = time.monotonic()
                time.sleep(every)
        except KeyboardInterrupt:
            pass
        try:
            watcher.look(0.0, last=True)
            watcher.finish()
            return uploader.finish()
        except KeyboardInterrupt:  # a second one: now
            return uploader.abandon(0.0)


class _Watcher:
    """Looks at a folder again and again, and takes up what has come."""

    def __init__(self, importer: Importer, folder: Path, uploader: Uploader) -> None:
        self._importer = importer
        self._folder = folder
        self._uploader = uploader
        self._seen: set[str] = set()
        self._trouble: dict[str, float] = {}

    def look(self, settled: float, last: bool = False) -> int:
        """Take up the results that are new and were not written to for `settled` seconds. Returns how many."""
        taken = 0
        for path in sorted(self._folder.glob(PATTERN)):
            try:
                if path.name in self._seen or time.time() - path.stat().st_mtime < settled:
                    continue
                items = list(self._importer.read(path))
            except (ImportFailedError, OSError) as error:
                # perhaps it is still being written
                if last or time.monotonic() - self._trouble.setdefault(path.name, time.monotonic()) > PATIENCE:
                    self._seen.add(path.name)
                    self._uploader.summary.refuse(path.name, str(error))
                continue
            self._seen.add(path.name)
            self._uploader.add_all(items)
            taken += 1
        return taken

    def finish(self) -> None:
        """What no single result told, where the importer has more: the fixtures of a whole session are written after its tests."""
        if read_rest := getattr(self._importer, "read_rest", None):
            self._uploader.add_all(read_rest(self._folder))
