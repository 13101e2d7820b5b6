"""All platforms that accounts may be on, and the reading of what people paste."""

from collections.abc import Mapping
from typing import Annotated, Any, NamedTuple

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, create_model

from stargazer.context import Context
from stargazer.errors import (
    CredentialsError,
    GoneError,
    InvalidError,
    PayloadError,
    PlatformAwayError,
    PlatformError,
    RefusedError,
)
from stargazer.platforms import Platform
from stargazer.platforms.bilibili import BILIBILI, BILILIVE
from stargazer.platforms.feed import FEED
from stargazer.platforms.twitch import TWITCH
from stargazer.platforms.twitter import TWITTER
from stargazer.platforms.youtube import YOUTUBE

#: A feed may be anywhere, so it is the last.
_ALL = (YOUTUBE, TWITTER, BILIBILI, BILILIVE, TWITCH, FEED)
PLATFORMS: Mapping[str, Platform] = {platform.kind: platform for platform in _ALL}
LONGEST_PASTE = 2000

_Pasted = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_PASTE)
]


def _make_pasted(platform: Platform) -> type[BaseModel]:
    fields: dict[str, Any] = {platform.field: (_Pasted, ...)}
    config = ConfigDict(extra="forbid", strict=True)
    return create_model(f"{platform.kind}_pasted", __config__=config, **fields)


_PASTED = {platform.kind: _make_pasted(platform) for platform in PLATFORMS.values()}


class Account(NamedTuple):
    """An account, by the parameters of the Task that watches it."""

    kind: str
    params: dict[str, str]


def read_pasted(kind: str, given: Mapping[str, Any]) -> dict[str, str]:
    """See whether parameters could be some account's, without asking anybody.

    :param kind: the platform's.
    :param given: its one parameter: an id, a name, or an address.
    :raises ValidationError: naming every problem with its path.
    """
    pasted: dict[str, str] = _PASTED[kind].model_validate(given).model_dump()
    return pasted


def resolve_account(context: Context, kind: str, given: Mapping[str, str]) -> Account:
    """Make the parameters of a Task out of what somebody pasted.

    :param given: read by :func:`read_pasted`.
    :raises InvalidError: when it names no account, with what was tried.
    :raises PlatformAwayError: when the platform would know, and cannot be asked at the moment.
    """
    platform = PLATFORMS[kind]
    return _resolve(context, platform, given[platform.field].strip(), f"`params.{platform.field}`")


def resolve_address(context: Context, address: str) -> Account:
    """Find out whose account an address names.

    :raises InvalidError: when it is no account's that we know, with what was tried.
    :raises PlatformAwayError: when the platform would know, and cannot be asked at the moment.
    """
    platform = find_platform(address)
    if platform is None:
        known = ", ".join(PLATFORMS)
        raise InvalidError(
            "unknown_account",
            f"`address`: it is on none of {known}; paste the address of the account's page, such as"
            " https://www.youtube.com/@name",
        )
    return _resolve(context, platform, address.strip(), "`address`")


def find_platform(address: str) -> Platform | None:
    """Tell whose account an address names; None when it is nobody's that we know."""
    found = (each for each in PLATFORMS.values() if each.recognise(address.strip()) is not None)
    return next(found, None)


def _resolve(context: Context, platform: Platform, pasted: str, path: str) -> Account:
    try:
        params = platform.resolve(context, platform.recognise(pasted) or pasted)
    except (GoneError, CredentialsError, RefusedError) as exc:
        raise InvalidError("unknown_account", f"{path}: {exc.reason}") from None
    except ValidationError:
        reason = f"it cannot be an account's on {platform.kind}"
        raise InvalidError("unknown_account", f"{path}: {reason}") from None
    except (PlatformError, PayloadError) as exc:
        raise PlatformAwayError(
            "platform_unavailable", f"{platform.kind} could not be asked, try again: {exc}"
        ) from None
    return Account(platform.kind, params.model_dump())
