"""What the command does, from its options to a summary: upload reports, count them, send what is in the spool."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from artifactsvc.client.api import Client
from artifactsvc.client.environment import describe_run
from artifactsvc.client.importers import find_importer
from artifactsvc.client.progress import shown
from artifactsvc.client.report import ImportFailedError, ReportTest, Skipped
from artifactsvc.client.runs import new_run_body
from artifactsvc.client.spool import SpooledRun, load_run, new_run, spooled_runs
from artifactsvc.client.summary import Summary
from artifactsvc.client.upload import Options, Uploader


@dataclass(frozen=True)
class Settings:
    """Where to, and how. `facts` override what the surroundings say of the run."""

    url: str
    token: str | None
    spool: Path
    run_key: str | None = None
    facts: dict[str, str | None] = field(default_factory=dict)
    options: Options = field(default_factory=Options)
    retries: int = 5
    quiet: bool = False

    def make_client(self, url: str | None = None) -> Callable[[Callable[[float], bool]], Client]:
        return lambda wait: Client(url or self.url, self.token, retries=self.retries, wait=wait, connections=self.options.jobs + 1)

    def new_run(self, **more: Any) -> SpooledRun:
        """A run in the spool, with what the surroundings and the options say of it."""
        given = {name: value for name, value in self.facts.items() if value}
        body = new_run_body(self.run_key, **{**describe_run(), **given})
        return new_run(self.spool, self.url, body, shared=self.run_key is not None, png_level=self.options.png_level, **more)


def upload(settings: Settings, paths: Sequence[Path], format_: str | None) -> Summary:
    """Raises ImportFailedError when nothing of the reports can be read; then nothing was sent."""
    importers = [find_importer(path, format_) for path in paths]
    sources = [str(path.absolute()) for path in paths]
    run = settings.new_run(sources=sources, format=format_)
    with run.lock(alone=False):
        return _transfer(settings, run, lambda: (item for importer, path in zip(importers, paths, strict=True) for item in importer.read(path)))


def resume(settings: Settings) -> list[Summary]:
    """Send every run in the spool that nobody works on, one after the other."""
    summaries = []
    for folder in spooled_runs(settings.spool):
        try:
            run = load_run(folder)
        except ValueError as error:
            summaries.append(Summary(trouble=str(error)))
            continue
        with run.lock(alone=True) as held:
            if held:
                run.tidy()
                try:
                    summaries.append(_transfer(settings, run, lambda run=run: _read_again(run)))  # type: ignore[misc]
                except ImportFailedError as error:
                    summaries.append(Summary(trouble=f"{folder}: {error}", is_open=True))
    return summaries


def dry_run(settings: Settings, paths: Sequence[Path], format_: str | None) -> Summary:
    """What an upload would send, by the report alone."""
    summary = Summary()
    for path in paths:
        for item in find_importer(path, format_).read(path):
            if isinstance(item, Skipped):
                summary.leave_out(item)
                continue
            summary.count(tests=1, steps=len(item.steps))
            summary.count_status(item.status)
            for attachment in item.attachments:
                try:
                    size = len(attachment.data) if attachment.data is not None else attachment.path.stat().st_size  # type: ignore[union-attr]
                    summary.count(files=1, bytes=size)
                except OSError:
                    summary.skip(f"{attachment.name} of {item.name}", f"there is no file {attachment.path}")
    return summary


def _transfer(settings: Settings, run: SpooledRun, read: Callable[[], Iterator[ReportTest | Skipped]]) -> Summary:
    """Send what the spool has of a run, then what `read` gives. Ctrl-C leaves the rest in the spool."""
    items: Iterator[ReportTest | Skipped] = iter(()) if run.complete else _sound(read())
    is_begun = bool(run.waiting() or run.done())
    try:
        first = [item for _, item in zip(range(1), items, strict=False)]  # before anything is sent
    except ImportFailedError:
        if not is_begun:
            run.remove()
        raise
    if not first and not is_begun:
        run.remove()
        return Summary(trouble="there are no tests in the report; nothing was sent")
    with shown(settings.quiet) as show:
        uploader = Uploader(run, settings.make_client(settings.url or run.url), settings.options, lambda summary: show(summary, uploader.added))
        try:
            uploader.start()
            return _read_all(uploader, run, chain(first, items))
        except KeyboardInterrupt:
            summary = uploader.abandon()
            summary.trouble = "interrupted; what is not stored waits in the spool"
            summary.is_open = not run.complete  # the report was not read to its end; resuming does that
            return summary


def _read_all(uploader: Uploader, run: SpooledRun, items: Iterator[ReportTest | Skipped]) -> Summary:
    try:
        uploader.add_all(items)
    except ImportFailedError as error:
        uploader.summary.refuse("the rest of the report", str(error))
    except OSError as error:  # the spool's disk is full
        summary = uploader.finish(close_run=False)
        summary.trouble = f"the report was not read to its end: {error}"
        summary.is_open = True
        return summary
    if not run.complete:
        run.complete = True
        run.save()
    return uploader.finish()


def _sound(items: Iterator[ReportTest | Skipped]) -> Iterator[ReportTest | Skipped]:
    """An importer that fails costs the rest of its report, not what it has read."""
    try:
        yield from items
    except (ImportFailedError, OSError):
        raise
    except Exception as error:
        raise ImportFailedError(f"the importer failed: {error!r}") from error


def _read_again(run: SpooledRun) -> Iterator[ReportTest | Skipped]:
    """The tests of a report whose upload was killed while it was read. What is stored or in the spool already is passed by."""
    for source in map(Path, run.sources):
        if source.exists():
            yield from find_importer(source, run.format).read(source)
        else:
            yield Skipped(f"what was not yet read of {source}", "it is not there any more")
