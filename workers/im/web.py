"""The chat app ``web``: an inbox in our own database, shown on the status page."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import ClassVar

from stargazer.app import StargazerTask, app
from stargazer.context import Context
from stargazer.models import User
from stargazer.ratelimit import Limit
from stargazer.rendering import Message
from stargazer.rendering.forms.plain import list_lines
from workers.im.delivering import deliver


class Web:
    """Puts messages into the inbox, at any pace."""

    im: ClassVar[str] = "web"

    def __init__(self, context: Context) -> None:
        self._inbox = context.store.inbox

    def get_limits(self, user: User) -> Sequence[Limit]:  # noqa: ARG002 - there are none
        """Name no limits."""
        return ()

    def send(self, user: User, message: Message, key: str) -> tuple[str, ...]:
        """Put one message in; the same ``key`` twice is one message."""
        self._inbox.add(
            key,
            user.id,
            {
                "headline": message.headline,
                "lines": list_lines(message),
                "url": message.url,
                "picture": message.picture,
            },
            datetime.now(UTC),
        )
        return (key,)


@app.task(name="web.deliver", bind=True)
def deliver_to_web(self: StargazerTask, event: str, users: list[str]) -> None:
    """Put an Event into the inboxes of these Users."""
    deliver(self.context, Web, event, users)
