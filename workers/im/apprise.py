"""The chat app ``apprise``: everything that the library of that name can write to.

``im_payload`` is given as Apprise's URL. The library says whether a service took the message and
nothing of why not, so what fails is tried again until it is no news, and never pauses a chat. Only
what it notes down tells whether a request broke off that may have been taken.

Source: https://github.com/caronc/apprise
"""

import logging
import re
from collections.abc import Sequence
from typing import ClassVar

from apprise import Apprise as Library
from apprise import AppriseAsset, AppriseResultStatus, NotifyFormat, PersistentStoreMode
from apprise.common import OverflowMode

from stargazer import addresses
from stargazer.addresses.apprise import make_service
from stargazer.app import StargazerTask, app
from stargazer.context import Context
from stargazer.errors import RefusedError, TransientError, UnknownOutcomeError
from stargazer.keyring import Keyring
from stargazer.models import User
from stargazer.ratelimit import Limit
from stargazer.rendering import Message
from stargazer.rendering.forms.plain import to_text
from workers.im.delivering import deliver

#: What almost all services of the library note of a request without an answer, with the reason.
_NO_ANSWER = re.compile(r"^socket exception", re.IGNORECASE)
#: The reasons why nobody has seen the request; all others leave that open.
_NEVER_SEEN = re.compile(
    r"NewConnectionError|NameResolutionError|ConnectTimeoutError|ProxyError"
    r"|CERTIFICATE_VERIFY_FAILED"
)


class Apprise:
    """Sends by the library, which knows the services, at a pace that most of them take."""

    im: ClassVar[str] = "apprise"

    def __init__(self, context: Context) -> None:
        self._keyring = Keyring(context.settings.secret_key)
        # For all that the library does for one message.
        self._timeout = context.settings.http_timeout.total_seconds()
        self._rate = context.settings.apprise_rate
        # It leaves no files behind.
        self._asset = AppriseAsset(
            app_id="Stargazer", storage_mode=PersistentStoreMode.MEMORY, plugin_paths=[]
        )

    def get_limits(self, user: User) -> Sequence[Limit]:
        """Name the limit of the chat."""
        return (Limit.per(f"apprise:{user.im_payload}", self._rate, 1),)

    def send(
        self,
        user: User,
        message: Message,
        key: str,  # noqa: ARG002 - the library takes none
    ) -> tuple[str, ...]:
        """Send one message as plain text, cut where the service takes no more.

        :returns: nothing: the library keeps the ids to itself.
        """
        # A new one each time: one that is kept sleeps between messages, in a thread of ours.
        service = make_service(addresses.read(self._keyring, user), self._asset)
        if service is None:
            raise RefusedError("Apprise cannot make anything of this chat's URL any more")
        service.overflow_mode = OverflowMode.TRUNCATE
        library = Library(asset=self._asset)
        library.add(service)
        rest = to_text(message._replace(headline=""))
        title, body = (message.headline, rest) if rest else ("", message.headline)
        with library.notify(
            title=title,
            body=body,
            body_format=NotifyFormat.TEXT,
            timeout=self._timeout,
            log_level=logging.DEBUG,
        ) as result:
            status = result.status
            is_open = any(map(_leaves_open, (entry.message for entry in result.logs())))
        match status:
            case AppriseResultStatus.SUCCESS | AppriseResultStatus.PARTIAL:
                return ()
            case AppriseResultStatus.TIMEOUT:
                raise UnknownOutcomeError("the service did not answer in time")
        if is_open:
            raise UnknownOutcomeError("the connection to the service broke")
        raise TransientError("the service did not take it")


def _leaves_open(note: str) -> bool:
    return bool(_NO_ANSWER.match(note)) and not _NEVER_SEEN.search(note)


@app.task(name="apprise.deliver", bind=True)
def deliver_by_apprise(self: StargazerTask, event: str, users: list[str]) -> None:
    """Send an Event to these Users by Apprise."""
    deliver(self.context, Apprise, event, users)
