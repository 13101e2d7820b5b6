"""What an operator has to know of, from when to when."""

from stargazer.models.values import Model, Time


class Alarm(Model):
    """Trouble that lasts.

    :ivar key: what it is about, such as ``twitter:budget`` or ``gone:<id of a Task>``.
    :ivar kind: the platform or chat app; None: the whole system.
    :ivar reason: a sentence without secrets: what is wrong, and what ends it.
    :ivar ended_at: None while it lasts.
    """

    key: str
    kind: str | None = None
    reason: str
    raised_at: Time
    ended_at: Time | None = None
