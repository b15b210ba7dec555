"""How an upload shows itself: a bar on a terminal, a line now and then in a log, nothing."""

import os
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from artifactsvc.client.summary import Summary, human_size

if TYPE_CHECKING:
    from collections.abc import Iterator

LINE_EVERY = 5.0  # seconds

Show = Callable[[Summary, int], None]


def is_for_people(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether somebody looks: a terminal, and no CI service."""
    return sys.stderr.isatty() and not environ.get("CI") and environ.get("TERM") != "dumb"


@contextmanager
def shown(quiet: bool) -> "Iterator[Show]":
    """Yields what to call with the summary and the number of tests known so far; from any thread."""
    if quiet:
        yield lambda summary, known: None
    elif is_for_people():
        with _bar() as show:
            yield show
    else:
        yield _lines()


@contextmanager
def _bar() -> "Iterator[Show]":
    try:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
    except ImportError:
        yield _lines()
        return
    columns = (TextColumn("Uploading"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[note]}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("", total=None, note="")

        def show(summary: Summary, known: int) -> None:
            note = f"{summary.files} files, {human_size(summary.bytes)}"
            progress.update(task, completed=through(summary), total=known, note=note)

        yield show


def _lines() -> Show:
    lock = threading.Lock()
    last = time.monotonic()

    def show(summary: Summary, known: int) -> None:
        nonlocal last
        with lock:
            if time.monotonic() - last < LINE_EVERY:
                return
            last = time.monotonic()
        print(f"artifactsvc: {through(summary)} of {known} tests, {summary.files} files, {human_size(summary.bytes)}", file=sys.stderr, flush=True)  # noqa: T201

    return show


def through(summary: Summary) -> int:
    return summary.tests + summary.already_there
