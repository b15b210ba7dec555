"""`artifactsvc sweep` and `artifactsvc check`: files without rows, rows without files."""

import click


@click.command()
@click.option("--older-than", default="24h", show_default=True, help="Leave alone what is younger: 30s, 10m, 24h, 7d.")
@click.option("--dry-run", is_flag=True, help="Say what would go, remove nothing.")
@click.option("--force", is_flag=True, help="Remove even if most files would go.")
@click.pass_obj
def sweep(ini: str, older_than: str, dry_run: bool, force: bool) -> None:
    """Remove what a crash left: staged files, and files that no artifact knows; and thumbnails of what is gone. Safe while the server runs.

    Ends with status 4 when something could not be removed.
    """
    from artifactsvc.cli.setup import open_service
    from artifactsvc.services.sweep import sweep as run
    from artifactsvc.services.thumbnails import forget_gone

    with open_service(ini) as (settings, engines, store):
        found = run(engines, store, parse_age(older_than), dry_run=dry_run, force=force, idempotency_hours=settings.idempotency_hours)
        thumbnails = forget_gone(engines.read, settings.thumbnail_path, dry_run)
    for path in found.orphans:
        click.echo(f"{'would remove' if dry_run else 'removed'} {path}")
    click.echo(f"{len(found.orphans)} files without an artifact, {found.staged} staged files, {found.keys} expired idempotency keys")
    if thumbnails:
        click.echo(f"{thumbnails} thumbnails of artifacts that are gone")
    for path in found.stuck:
        click.echo(f"could not remove {path}")
    if found.stuck:
        raise SystemExit(4)


@click.command()
@click.option("--deep", is_flag=True, help="Read every file and compare its SHA-256; without, only its size.")
@click.pass_obj
def check(ini: str, deep: bool) -> None:
    """Compare every artifact with its file. Ends with status 4 when one is missing or damaged."""
    from artifactsvc.cli.setup import open_service
    from artifactsvc.services.sweep import check as run

    count = problems = 0
    with open_service(ini) as (_, engines, store):
        for artifact, problem in run(engines.read, store, deep):
            count += 1
            if problem:
                problems += 1
                click.echo(f"{problem}: {artifact.storage_path} (artifact {artifact.id})")
    click.echo(f"{count} artifacts checked, {problems} with problems")
    if problems:
        raise SystemExit(4)


def parse_age(text: str) -> int:
    """Seconds in `30s`, `10m`, `24h`, `7d`."""
    units = {"s": 1, "m": 60, "h": 3600, "d": 86400}
    if not (text[:-1].isascii() and text[:-1].isdigit()) or text[-1:] not in units:
        raise click.BadParameter("must be a number with s, m, h or d behind it, such as 24h", param_hint="--older-than")
    return int(text[:-1]) * units[text[-1]]
