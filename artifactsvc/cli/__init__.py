"""The `artifactsvc` command: click groups; each command imports what it needs when it runs."""

import sys

import click

from artifactsvc.cli.files import check, sweep
from artifactsvc.cli.migrate import migrate
from artifactsvc.cli.schema import schema
from artifactsvc.cli.search import index
from artifactsvc.cli.tree import tree
from artifactsvc.cli.upload import upload, watch
from artifactsvc.cli.users import audit, token, user


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option("-c", "--config", "ini", default="development.ini", show_default=True, help="The ini file; for the commands that look after a server.")
@click.version_option(package_name="artifactsvc")
@click.pass_context
def cli(context: click.Context, ini: str) -> None:
    """Look after an artifactsvc server, and upload reports to one."""
    context.obj = ini


for command in (audit, check, index, migrate, schema, sweep, token, tree, upload, user, watch):
    cli.add_command(command)


def main() -> None:
    from artifactsvc.exceptions import SettingsError

    try:
        cli()
    except SettingsError as error:
        click.echo(f"artifactsvc: {error}", err=True)
        sys.exit(1)
