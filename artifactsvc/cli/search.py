"""`artifactsvc index`: bring the index of the search up to date now."""

import click


@click.command()
@click.option("--rebuild", is_flag=True, help="Forget the index and make it anew from all results.")
@click.pass_obj
def index(ini: str, rebuild: bool) -> None:
    """Index for the search what changed and was not indexed yet. The server does it by itself, slowly."""
    from artifactsvc.cli.setup import open_service
    from artifactsvc.services import search_index

    count = 0
    with open_service(ini) as (_, engines, _):
        if rebuild:
            search_index.forget(engines.write)
        while done := search_index.index_pending(engines.write, limit=100, calm=-1):
            count += done
    click.echo(f"{count} changes indexed")
