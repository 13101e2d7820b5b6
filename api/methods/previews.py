"""What messages look like, before one is sent."""

from api.auth import ANY_SESSION
from api.methods.settings import Own, get_own_user
from api.rpc import Call, Result, method
from stargazer.rendering import render
from stargazer.rendering.examples import ENTITY, EXAMPLES, NOW, make_example
from stargazer.rendering.forms.plain import list_lines


class PreviewResult(Result):
    """A message, as plain text.

    :ivar kind: the kind of Event that it is an example of.
    :ivar headline: who and what, in one line.
    :ivar lines: the rest, from top to bottom; what others wrote begins with ``>``.
    :ivar url: where it leads to; empty when nowhere.
    """

    kind: str
    headline: str
    lines: tuple[str, ...]
    url: str


class PreviewsResult(Result):
    """An example of each kind of message.

    :ivar previews: by kind.
    """

    previews: tuple[PreviewResult, ...]


@method("getPreviews", ANY_SESSION)
def get_previews(call: Call, params: Own) -> PreviewsResult:  # noqa: ARG001 - there are none
    """Show what a message of each kind looks like to the session's own user."""
    reader = get_own_user(call).settings
    directory = call.state.context.settings.templates
    messages = (
        (kind, render(make_example(kind), ENTITY, reader, now=NOW, directory=directory))
        for kind in EXAMPLES
    )
    return PreviewsResult(
        previews=tuple(
            PreviewResult(
                kind=kind,
                headline=message.headline,
                lines=tuple(list_lines(message)),
                url=message.url,
            )
            for kind, message in messages
        )
    )
