"""``stargazer preview``: what a chat would be told."""

import json
from collections.abc import Callable, Mapping

import click

from stargazer.models import UserSettings
from stargazer.rendering import Message, render
from stargazer.rendering.examples import ENTITY, EXAMPLES, NOW, make_example
from stargazer.rendering.forms.discord import to_embeds
from stargazer.rendering.forms.markdown import to_markdown
from stargazer.rendering.forms.onebot import to_segments
from stargazer.rendering.forms.plain import to_text
from stargazer.rendering.forms.telegram import to_html
from stargazer.settings import load_settings


def _write_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


_FORMS: Mapping[str, Callable[[Message], str]] = {
    "telegram": to_html,
    "qq": lambda message: _write_json(to_segments(message)),
    "discord": lambda message: _write_json(to_embeds(message)),
    "markdown": to_markdown,
    "web": to_text,
}


@click.command()
@click.argument("kind", type=click.Choice(list(EXAMPLES)), metavar="KIND")
@click.option("--language", default="en", show_default=True, help="such as en, ja or zh")
@click.option("--timezone", default="UTC", show_default=True, help="such as Asia/Tokyo")
@click.option("--translate", is_flag=True, help="as for a reader who wants translations")
@click.option(
    "--im",
    type=click.Choice(list(_FORMS)),
    default="web",
    show_default=True,
    help="in the form of this chat app; markdown is for services that take it",
)
def preview(kind: str, language: str, timezone: str, im: str, *, translate: bool) -> None:
    """Print what would be sent of an example of KIND, such as youtube/live_start.

    With the templates of STARGAZER_TEMPLATES, where there are some.
    """
    try:
        reader = UserSettings(language=language, timezone=timezone, translate=translate)
    except ValueError:
        raise click.BadParameter(f"{language!r} is no language", param_hint="--language") from None
    directory = load_settings().templates
    message = render(make_example(kind), ENTITY, reader, now=NOW, directory=directory)
    click.echo(_FORMS[im](message))
