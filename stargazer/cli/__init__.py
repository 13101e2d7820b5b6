"""The command ``stargazer``."""

import click

from stargazer import __version__
from stargazer.cli.accounts import auth
from stargazer.cli.checks import check, indexes
from stargazer.cli.dead import dead
from stargazer.cli.deliveries import deliveries
from stargazer.cli.entities import entity
from stargazer.cli.frontend import frontend
from stargazer.cli.moving import export_command, import_command
from stargazer.cli.preview import preview
from stargazer.cli.running import demo, simulate, up
from stargazer.cli.sources import sources
from stargazer.cli.users import users
from stargazer.cli.workers import workers
from stargazer.errors import ConfigurationError


class _Group(click.Group):
    """Says what is wrong with the configuration in a line, without a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except ConfigurationError as exc:
            raise click.ClickException(str(exc)) from exc


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__)
def main() -> None:
    """Track virtual YouTubers, and tell each chat what it asked to hear.

    Configured by STARGAZER_* variables, or by a file .env in the current directory.
    """


for _command in (
    up,
    demo,
    check,
    indexes,
    auth,
    entity,
    sources,
    workers,
    dead,
    deliveries,
    users,
    preview,
    export_command,
    import_command,
    frontend,
    simulate,
):
    main.add_command(_command)
