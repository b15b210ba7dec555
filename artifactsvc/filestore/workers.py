"""Threads that work for the disk, on whatever core is idle."""

import contextlib
import os
import threading
import weakref
from collections.abc import Callable, Iterable
from queue import SimpleQueue


class Job:
    """One call that a worker makes. `wait` for it once."""

    def __init__(self, work: Callable[[], object]) -> None:
        self._work = work
        self._error: BaseException | None = None
        self._running = threading.Lock()
        self._running.acquire()

    def run(self) -> None:
        try:
            self._work()
        except BaseException as error:  # noqa: BLE001 - it is raised where somebody waits for it
            self._error = error
        finally:
            self._running.release()

    def wait(self) -> BaseException | None:
        """Until the call has returned. Returns what it raised."""
        self._running.acquire()
        return self._error


class Workers:
    """`count` threads. The server keeps its own on one core (server.py); these rarely need the interpreter lock and may go elsewhere.

    `concurrent.futures` takes 0.1 ms to hand one call over and to hear of its end, and 0.15 for four, twice and four times as much as
    this: a single upload would gain nothing by it.
    """

    def __init__(self, count: int) -> None:
        self._jobs: SimpleQueue[Job | None] = SimpleQueue()
        cores = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else set()
        self._threads = [threading.Thread(target=_work, args=(self._jobs, cores), name=f"disk-{n}", daemon=True) for n in range(count)]
        self._starting = threading.Lock()
        self._stop = weakref.finalize(self, _stop, self._jobs, count)

    def submit(self, work: Callable[[], object]) -> Job:
        """Have a worker call `work`."""
        if self._threads[-1].ident is None:
            self._start()
        job = Job(work)
        self._jobs.put(job)
        return job

    def _start(self) -> None:
        """Not before there is work: commands make stores that store nothing."""
        with self._starting:
            for thread in self._threads:
                if thread.ident is None:
                    thread.start()

    def close(self) -> None:
        """Finish what was submitted; nothing may be submitted afterwards."""
        self._stop()
        for thread in self._threads:
            if thread.ident is not None:
                thread.join()


def wait_for(jobs: Iterable[Job]) -> None:
    """Until all of them are done; raises what the first that failed raised."""
    errors = [job.wait() for job in jobs]
    for error in errors:
        if error is not None:
            raise error


def _work(jobs: "SimpleQueue[Job | None]", cores: set[int]) -> None:
    if cores:
        with contextlib.suppress(OSError):  # a sandbox forbids it, or a core is gone; whoever waits would wait for ever
            os.sched_setaffinity(0, cores)
    while (job := jobs.get()) is not None:
        job.run()
        del job  # or what it was about would live on until there is other work


def _stop(jobs: "SimpleQueue[Job | None]", count: int) -> None:
    for _ in range(count):
        jobs.put(None)
