"""Takes the pytest plugin's tests to the server, off the tests' own thread: a bounded queue, the spool behind it, the uploader behind that."""

import queue
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from artifactsvc.client.api import Client
from artifactsvc.client.report import ReportTest
from artifactsvc.client.spool import SpooledRun
from artifactsvc.client.summary import Summary
from artifactsvc.client.upload import Options, Uploader

QUEUE = 200  # tests; a fuller queue spills into the spool on the test's own thread
RETRIES = 3  # a few seconds; what fails then is tried again later
ON_DISK = 0.008  # seconds that a test's own thread waits for it to be in the spool, where no crash of the next test takes it away
AGAIN_AFTER = 30.0  # seconds until a server that was away is asked again
CLOSING = 2.0  # seconds that telling the run's end gets in any case
JUST_NOW = 10.0  # seconds; a server that was asked so shortly before the end is not asked once more

OPTIONS = Options(jobs=2, preparers=1)


class Delivery:
    """Parameters: `run` in the spool, which other processes may fill too; `token`; `log`, told what goes wrong."""

    def __init__(self, run: SpooledRun, token: str | None, log: Callable[[str], None]) -> None:
        self._run = run
        self._own: list[Path] = []
        self._token = token
        self._log = log
        self._queue: queue.Queue[tuple[Callable[[], ReportTest], threading.Event] | None] = queue.Queue(QUEUE)
        self._thread: threading.Thread | None = None
        self._uploader: Uploader | None = None
        self._since = 0.0
        self._earlier: list[Summary] = []
        self._lock = threading.Lock()

    def put(self, build: Callable[[], ReportTest]) -> None:
        """Take over a test; `build` makes the report of it, on another thread. Takes a millisecond or two, and 8 at the most."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="artifactsvc-pytest", daemon=True)
            self._thread.start()
        kept = threading.Event()
        try:
            self._queue.put_nowait((build, kept))
        except queue.Full:
            self._deliver(build)
        else:
            kept.wait(ON_DISK)

    def finish(self, seconds: float, close_run: bool) -> list[Summary]:
        """Wait so long for what is under way, and say what became of it. What is left is in the spool."""
        if self._thread is not None:
            self._queue.put(None)
            self._thread.join()
        end = time.monotonic() + seconds
        if self._uploader is None or self._uploader.has_given_up:
            left = self._run.waiting()
            asked = self._uploader is not None and time.monotonic() - self._since < JUST_NOW
            if asked or not close_run or not (left or self._run.done()):
                if self._uploader is not None:
                    self._uploader.abandon(0.0)
                return self._ended()
            self._renew(1, left)
        elif close_run:
            self._uploader.take_up(set(self._run.waiting()) - set(self._own))  # of workers that are gone
        assert self._uploader is not None
        if not (self._uploader.wait(end - time.monotonic()) and self._is_closed(self._uploader, close_run, end)):
            self._uploader.abandon(1.0)
        return self._ended()

    def _is_closed(self, uploader: Uploader, close_run: bool, end: float) -> bool:
        """The run's end is told beside, for a server that does not answer must not keep the tests' process; --resume tells it then."""
        closing = threading.Thread(target=uploader.finish, args=(close_run,), name="artifactsvc-close", daemon=True)
        closing.start()
        closing.join(max(CLOSING, end - time.monotonic()))
        if closing.is_alive() or uploader.summary.is_open:
            self._log("the server was not told how the run ended; artifactsvc upload --resume tells it")
        return not closing.is_alive()

    def _ended(self) -> list[Summary]:
        return [*self._earlier, *([self._uploader.summary] if self._uploader else [])]

    def _work(self) -> None:
        while (item := self._queue.get()) is not None:
            build, kept = item
            self._deliver(build)
            kept.set()

    def _deliver(self, build: Callable[[], ReportTest]) -> None:
        try:
            with self._lock:
                if self._uploader is None or (self._uploader.has_given_up and time.monotonic() - self._since > AGAIN_AFTER):
                    self._renew(RETRIES, self._left())
                assert self._uploader is not None
            entry = self._uploader.add(build())
            if entry is not None:
                self._own.append(entry.folder)
        except Exception as error:  # noqa: BLE001 - reporting must not harm the tests
            self._log(f"a test could not be kept: {error!r}")

    def _left(self) -> list[Path]:
        """What this process put into the spool, as far as it is there still."""
        self._own = [folder for folder in self._own if folder.exists()]
        return self._own

    def _renew(self, retries: int, waiting: list[Path]) -> None:
        """A new attempt, which begins with what waits."""
        if self._uploader is not None:
            self._earlier.append(self._uploader.abandon(0.0))

        def make_client(wait: Callable[[float], bool]) -> Client:
            return Client(self._run.url, self._token, retries=retries, wait=wait, connections=OPTIONS.jobs + 1)

        self._uploader = Uploader(self._run, make_client, OPTIONS)
        self._uploader.start(waiting)
        self._since = time.monotonic()


def merged(summaries: list[Any]) -> dict[str, Any]:
    """One account of several, each a Summary or its JSON."""
    told = [item.as_json() if isinstance(item, Summary) else item for item in summaries]
    total: dict[str, Any] = {"refused": [], "skipped": [], "trouble": None}
    for item in told:
        total["refused"] += item["refused"]
        total["skipped"] += item["skipped"]
        total["trouble"] = item["trouble"] or total["trouble"]
    return total
