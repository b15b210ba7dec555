"""One run's way to the server: its tests go into the spool as they are read, and from there, optimised, to the server, several at once."""

import os
import queue
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from artifactsvc.client import png
from artifactsvc.client.api import Client
from artifactsvc.client.errors import ApiError, ClientError, ConflictError
from artifactsvc.client.fitting import fit_run
from artifactsvc.client.report import ReportTest, Skipped
from artifactsvc.client.sending import NotSentError, Sender
from artifactsvc.client.spool import SpooledRun, SpooledTest, load_test
from artifactsvc.client.summary import Summary

GRACE = 10.0  # seconds that requests under way get when everything else is given up


@dataclass(frozen=True)
class Options:
    """`jobs`: tests sent at once. `png_level`: 0 to 6, None for leaving screenshots as they are; the spool keeps it for the run.
    `preparers`: threads that make screenshots smaller.
    """

    jobs: int = 4
    preparers: int = min(4, os.cpu_count() or 1)
    png_level: int | None = png.DEFAULT_LEVEL


class Uploader:
    """Parameters: `run` in the spool; `make_client`, which gets a function that waits and says whether to give up; `report`,
    called with the summary whenever a test is through.

    Use: `start()`, `add(test)` for each, `finish()`. `abandon()` leaves the rest in the spool.
    """

    def __init__(
        self,
        run: SpooledRun,
        make_client: Callable[[Callable[[float], bool]], Client],
        options: Options,
        report: Callable[[Summary], None] = lambda summary: None,
    ) -> None:
        self.run = run
        self.summary = Summary()
        self._stop = threading.Event()
        self._client = make_client(self._stop.wait)
        self.summary.url = f"{self._client.url}/runs/{run.run_id}"
        self._options = options
        self._report = report
        self._level = run.png_level if png.available() else None
        if run.png_level is not None and self._level is None:
            self.summary.skip("optimising screenshots", "oxipng-pybind is not installed")
        self._sender: Sender | None = None
        self._to_prepare: queue.SimpleQueue[SpooledTest | None] = queue.SimpleQueue()
        self._to_send: queue.SimpleQueue[SpooledTest | None] = queue.SimpleQueue()
        self._changed = threading.Condition()
        self._under_way = 0
        self._begun = threading.Event()
        self.added = 0

    def start(self, waiting: Iterable[Path] | None = None) -> None:
        """Begin to send. What the spool has of this run goes first: all of it, or the tests in the folders named by `waiting`."""
        threading.Thread(target=self._begin, name="artifactsvc-begin", daemon=True).start()
        self.take_up(self.run.waiting() if waiting is None else waiting)

    def take_up(self, waiting: Iterable[Path]) -> None:
        """Send these tests of the spool, too."""
        for path in waiting:
            try:
                self._enqueue(load_test(path))
            except ValueError as error:
                self.summary.skip(str(path), str(error))

    def add(self, item: ReportTest | Skipped) -> SpooledTest | None:
        """Put a test into the spool and send it as soon as a thread is free. Raises OSError when the spool cannot be written."""
        if isinstance(item, Skipped):
            self.summary.leave_out(item)
            return None
        entry, skipped = self.run.add(item)
        for part in skipped:
            self.summary.skip(part.what, part.why)
        if entry is not None:
            self._enqueue(entry)
        return entry

    def add_all(self, items: Iterable[ReportTest | Skipped]) -> None:
        for item in items:
            self.add(item)

    @property
    def has_given_up(self) -> bool:
        """Whether nothing is sent any more: what is added stays in the spool."""
        return self._stop.is_set()

    def wait(self, seconds: float | None = None) -> bool:
        """Until every test that was added is through, or that many seconds. Returns whether they are."""
        end = None if seconds is None else time.monotonic() + seconds
        with self._changed:
            while self._under_way:
                left = 1.0 if end is None else min(1.0, end - time.monotonic())  # short, so that Ctrl-C gets in
                if left <= 0:
                    return False
                self._changed.wait(left)
        return True

    def finish(self, close_run: bool = True) -> Summary:
        """Wait for the rest; with `close_run`, tell the server how the run ended, and remove it from the spool where nothing is left."""
        while not self._begun.wait(1.0):  # short, so that Ctrl-C gets in
            pass
        self.wait()
        self.summary.spooled = len(self.run.waiting())
        if close_run and self.run.complete and not self.summary.spooled and self._sender is not None:
            try:
                self._close_run()
                if self.run.is_alone():
                    self.run.remove()
            except ClientError as error:
                self.summary.trouble = f"the tests are stored, but the run could not be closed: {error}"
                self.summary.is_open = True
        self._end()
        return self.summary

    def abandon(self, seconds: float = GRACE) -> Summary:
        """Stop sending; requests under way get some seconds more. The rest stays in the spool."""
        self._stop.set()
        end = time.monotonic() + seconds
        self._begun.wait(seconds)
        self.wait(end - time.monotonic())
        self.summary.spooled = len(self.run.waiting())
        self._end()
        return self.summary

    def _end(self) -> None:
        self._stop.set()
        for _ in range(self._options.jobs):
            self._to_send.put(None)
        for _ in range(self._options.preparers):
            self._to_prepare.put(None)
        self._client.close()

    def _begin(self) -> None:
        """The limits and the run come first; then the threads start. Without them everything stays in the spool."""
        try:
            limits = self._client.limits()
            self._create_run()
            self._sender = Sender(self._client, limits, self.summary, self.run.run_id, self.run.refused)
        except ClientError as error:
            self._give_up(_explain(error))
        except Exception as error:  # noqa: BLE001 - a bug in here must not leave the upload waiting for ever
            self._give_up(f"internal error: {error!r}")
        self._begun.set()
        for number in range(self._options.preparers):
            threading.Thread(target=self._work, args=(self._to_prepare, self._prepare), name=f"artifactsvc-png-{number}", daemon=True).start()
        for number in range(self._options.jobs):
            threading.Thread(target=self._work, args=(self._to_send, self._send), name=f"artifactsvc-send-{number}", daemon=True).start()

    def _create_run(self) -> None:
        body = fit_run(self.run.run)
        try:
            self._client.create_run(key=f"run-{self.run.run_id}", **body)
        except ConflictError:
            pass  # begun before, or shared with others
        except ApiError as error:
            if error.status != 422 or "Idempotency-Key" not in error.errors:
                raise
            self._client.get_run(self.run.run_id)  # another part of the same run was here first, with another start

    def _close_run(self) -> None:
        statuses = set(self.run.done().values())
        if self.run.shared and (there := self._client.get_run(self.run.run_id)["status"]) != "Pending":
            statuses.add(there)
        status = next((word for word in ("Failed", "Passed", "Skipped") if word in statuses), "Pending" if statuses else "Skipped")
        completed = self.run.run.get("completed_at") or datetime.now(UTC)
        self._client.update_run(self.run.run_id, status=status, completed_at=completed)

    def _enqueue(self, entry: SpooledTest) -> None:
        with self._changed:
            self._under_way += 1
            self.added += 1
        self._to_prepare.put(entry)

    def _work(self, items: "queue.SimpleQueue[SpooledTest | None]", step: Callable[[SpooledTest], bool]) -> None:
        while (entry := items.get()) is not None:
            is_last = True
            try:
                is_last = step(entry)
            except Exception as error:  # noqa: BLE001 - one test must not end the thread; it stays in the spool
                self.summary.trouble = f"internal error at {entry.test.name}: {error!r}"
            if is_last:
                with self._changed:
                    self._under_way -= 1
                    self._changed.notify_all()
                self._report(self.summary)

    def _prepare(self, entry: SpooledTest) -> bool:
        if self._level is not None and not self._stop.is_set() and not entry.is_attempted():
            for item in entry.test.attachments:
                if item.path is not None:
                    self.summary.count(bytes_saved=png.optimise(item.path, self._level))
        self._to_send.put(entry)
        return False

    def _send(self, entry: SpooledTest) -> bool:
        if self._stop.is_set() or self._sender is None:
            return True
        try:
            self._sender.send(entry)
        except NotSentError as error:
            if error.for_all:
                self._give_up(str(error))
            elif entry.folder.exists():  # else another process that sends the same run was quicker
                self.summary.trouble = str(error)
        else:
            self.run.mark_done(entry)
        return True

    def _give_up(self, why: str) -> None:
        """There is no use in trying the rest now: it stays in the spool."""
        if not self._stop.is_set():
            self.summary.trouble = why
        self._stop.set()


def _explain(error: ClientError) -> str:
    status = getattr(error, "status", None)
    if status == 401:
        return f"the server does not accept the token (set ARTIFACTSVC_TOKEN): {error}"
    if status == 403:
        return f"the token may not upload (its role must be uploader or admin): {error}"
    if status == 404:
        return f"there is no artifactsvc at this URL: {error}"
    return str(error)
