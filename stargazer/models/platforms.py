"""How it goes with a whole platform, whichever account is asked for."""

from stargazer.models.values import Model, Time


class PlatformState(Model):
    """What the workers know of a platform together.

    :ivar succeeded_at: when it last answered as it should; None: never yet.
    :ivar failures: how often in a row it did not.
    :ivar last_error: why it last did not.
    :ivar paused_until: nobody asks it before; None: it is not paused.
    :ivar paused_since: when the pauses began that have not been followed by success.
    :ivar pauses: how often in a row it had to be paused.
    """

    kind: str
    succeeded_at: Time | None = None
    failed_at: Time | None = None
    failures: int = 0
    last_error: str | None = None
    paused_until: Time | None = None
    paused_since: Time | None = None
    pauses: int = 0
