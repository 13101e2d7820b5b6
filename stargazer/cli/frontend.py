"""``stargazer frontend``: the subscribers' page on a host of its own."""

from pathlib import Path

import click

from stargazer.frontend import export as export_files


def _check_url(_context: click.Context, _parameter: click.Parameter, url: str | None) -> str:
    if url is None:
        return ""
    if not url.startswith(("http://", "https://")):
        raise click.BadParameter("expected an address such as https://stargazer.example.org")
    return url.rstrip("/")


@click.group()
def frontend() -> None:
    """Host the page on which subscribers choose somewhere else."""


@frontend.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@click.option("--api", required=True, callback=_check_url, help="the API as a browser reaches it")
@click.option(
    "--elsewhere",
    callback=_check_url,
    help="the base URL of the same page in another region, linked at its end",
)
def export(directory: Path, api: str, elsewhere: str) -> None:
    """Write the page as files into DIRECTORY, to be served below any base URL.

    Put that base URL into STARGAZER_FRONTEND_URLS, for the chat apps whose users it is for, and its
    origin into STARGAZER_FRONTEND_ORIGINS, so that it may call the API.
    """
    try:
        written = export_files(directory, api, f"{elsewhere}/settings/" if elsewhere else "")
    except OSError as exc:
        raise click.ClickException(f"cannot write into {directory}: {exc.strerror}") from exc
    click.echo(f"{len(written)} files in {written[0].parent}")
