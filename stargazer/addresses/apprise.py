"""The address of whatever the library ``apprise`` can write to: a URL of its own.

Source: https://github.com/caronc/apprise/wiki
"""

import logging
import re
import warnings
from functools import cache

from apprise import Apprise, AppriseAsset, NotifyBase
from apprise.manager_plugins import NotificationManager

# What the library logs holds addresses and texts: it is for the one who sends, and nobody else.
_log = logging.getLogger("apprise")
_log.setLevel(logging.DEBUG)
_log.propagate = False
_log.addHandler(logging.NullHandler())
# These act on the machine that we run on instead of writing to somebody.
_LOCAL = {"dbus", "qt", "kde", "glib", "gio", "gnome", "macosx", "windows", "syslog", "blink1"}
_SCHEME = re.compile(r"([a-z][a-z0-9]{1,30})://.+", re.DOTALL)


def parse(given: str) -> tuple[str, str]:
    """Read an address.

    :returns: the stem of a name, which is the service, and the address.
    :raises ValueError: when it is none that Apprise knows.
    """
    match = _SCHEME.fullmatch(given)
    if match is None:
        raise ValueError("expected a URL of Apprise, such as ntfy://topic")
    if match[1] in _LOCAL:
        raise ValueError(f"{match[1]}:// would act on the server's own machine")
    if make_service(given) is None:
        raise ValueError(f"Apprise cannot make anything of this {match[1]}:// URL")
    return match[1], given


def make_service(address: str, asset: AppriseAsset | None = None) -> NotifyBase | None:
    """Make what writes to an address; None when Apprise knows no such one."""
    _load_services()
    service: NotifyBase | None = Apprise.instantiate(address, asset=asset)
    return service


@cache
def _load_services() -> None:
    # What the library's services warn of is not ours to mend.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        NotificationManager().load_modules()
