"""`artifactsvc schema`"""

import click


@click.command()
def schema() -> None:
    """Print the JSON Schema of result.json, the native form of a report."""
    from artifactsvc.client.importers.native import schema_text

    click.echo(schema_text(), nl=False)
