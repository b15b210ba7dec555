"""`artifactsvc upload` and `artifactsvc watch`: reports to the server. They need no ini file and import nothing of the server."""

import json
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

RUN_OPTIONS = (
    ("--name", "The run's name. By default what the CI service calls it."),
    ("--project", "The run's project."),
    ("--branch", "The branch."),
    ("--commit", "The commit."),
    ("--build-url", "The page of the build."),
    ("--environment", "Where the tests ran: staging, Chrome 141, …"),
)


def client_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """What uploading needs, whatever is uploaded."""
    options = [
        click.option("--url", envvar="ARTIFACTSVC_URL", show_envvar=True, help="The server, such as https://reports.example.com."),
        click.option("--token", envvar="ARTIFACTSVC_TOKEN", show_envvar=True, help="Its token. Better in the environment than on the command line."),
        click.option("--spool", type=click.Path(path_type=Path), envvar="ARTIFACTSVC_SPOOL", show_envvar=True, help="Where what is not sent waits."),
        click.option("--run", "run_key", help="Words that name the run: uploads with the same words meet in one run, and repeating one is harmless."),
        *(click.option(name, name.strip("-").replace("-", "_"), help=text) for name, text in RUN_OPTIONS),
        click.option("--jobs", type=click.IntRange(1, 32), default=4, show_default=True, help="Tests sent at once."),
        click.option("--png-level", type=click.IntRange(0, 6), default=0, show_default=True, help="How hard to make screenshots smaller, without loss."),
        click.option("--no-png", is_flag=True, help="Leave screenshots as they are."),
        click.option("--retries", type=click.IntRange(0, 50), default=5, show_default=True, help="How often a request is tried again."),
        click.option("--quiet", "-q", is_flag=True, help="Only the report's URL, and what went wrong."),
        click.option("--json", "as_json", is_flag=True, help="The summary as JSON on standard output."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--format", "format_", metavar="NAME", help="The importer to use, when the reports do not tell.")
@click.option("--resume", is_flag=True, help="Send what is in the spool.")
@click.option("--dry-run", is_flag=True, help="Read and count; send nothing.")
@client_options
def upload(paths: tuple[Path, ...], format_: str | None, resume: bool, dry_run: bool, **options: Any) -> None:
    """Upload the reports at PATH…, whatever tool they are from, and print the URL of the run.

    Ends with 0 when all is stored, 3 when something waits in the spool, 4 when the server refused something
    or a report is damaged, 2 for wrong usage.
    """
    from artifactsvc.client import jobs

    if resume == bool(paths):
        raise click.UsageError("name the reports to upload, or --resume")
    if resume and dry_run:
        raise click.UsageError("--dry-run goes with reports, not with --resume")
    settings = settings_of(options, url_required=not (resume or dry_run))
    with interruptible():
        if resume:
            summaries = jobs.resume(settings)
            if not summaries and not options["quiet"]:
                click.echo("the spool is empty", err=True)
        else:
            with refusing():
                summaries = [jobs.dry_run(settings, paths, format_) if dry_run else jobs.upload(settings, paths, format_)]
    end(summaries, options)


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--idle", type=click.FloatRange(0.1), help="End after so many seconds without a new result. By default Ctrl-C ends it.")
@click.option("--every", type=click.FloatRange(0.05), default=1.0, show_default=True, help="Seconds between two looks.")
@client_options
def watch(folder: Path, idle: float | None, every: float, **options: Any) -> None:
    """Upload each Allure result in DIR as soon as its test has finished, while the run goes on."""
    from artifactsvc.client import watching

    settings = settings_of(options, url_required=True)
    with interruptible(), refusing():
        summary = watching.watch(settings, folder, every, idle)
    end([summary], options)


def settings_of(options: dict[str, Any], url_required: bool) -> Any:
    from artifactsvc.client.jobs import Settings
    from artifactsvc.client.spool import default_spool
    from artifactsvc.client.upload import Options

    url = options["url"]
    if url_required and not url:
        raise click.UsageError("which server? Set ARTIFACTSVC_URL or --url")
    if url and not url.startswith(("http://", "https://")):
        raise click.UsageError(f"--url must begin with http:// or https:// (it is {url!r})")
    facts = {name: options[name] for name in ("name", "project", "branch", "build_url", "environment")} | {"commit_sha": options["commit"]}
    return Settings(
        url=url or "",
        token=options["token"],
        spool=(options["spool"] or default_spool()).absolute(),
        run_key=options["run_key"],
        facts=facts,
        options=Options(jobs=options["jobs"], png_level=None if options["no_png"] else options["png_level"]),
        retries=options["retries"],
        quiet=options["quiet"] or options["as_json"],
    )


def end(summaries: list[Any], options: dict[str, Any]) -> None:
    """Say what became of it, and end with its status."""
    if options["as_json"]:
        told = [summary.as_json() for summary in summaries]
        click.echo(json.dumps(told[0] if len(told) == 1 else told, indent=2))
    for summary in summaries:
        for line in summary.trouble_lines() if options["quiet"] else summary.lines():
            click.echo(line, err=True)
        if not options["as_json"] and summary.url:
            click.echo(summary.url)
    statuses = {summary.exit_status for summary in summaries}
    raise SystemExit(next((status for status in (3, 4) if status in statuses), 0))


class interruptible:  # noqa: N801 - a context
    """SIGTERM, which CI services send, does what Ctrl-C does: the spool keeps the rest, also at the second time."""

    def __enter__(self) -> None:
        self._before = signal.signal(signal.SIGTERM, _interrupt)

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        signal.signal(signal.SIGTERM, self._before)
        if isinstance(error, KeyboardInterrupt):
            click.echo("interrupted; send the rest with: artifactsvc upload --resume", err=True)
            raise SystemExit(3)


def _interrupt(number: int, frame: Any) -> None:
    # not by way of SIGINT: a shell without a terminal, as in CI, starts `artifactsvc watch … &` with SIGINT ignored
    raise KeyboardInterrupt


class refusing:  # noqa: N801 - a context
    """A report that cannot be read is wrong usage, and so is a spool that cannot be written."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        from artifactsvc.client.report import ImportFailedError

        if isinstance(error, ImportFailedError):
            raise click.UsageError(str(error)) from error
        if isinstance(error, OSError):
            raise click.UsageError(f"nothing was sent: {error}; --spool names another folder for the spool") from error
