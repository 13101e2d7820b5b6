"""All platforms that accounts may be on, and the reading of what people paste."""

from collections.abc import Mapping
from typing import Any

from stargazer.context import Context
from stargazer.errors import GoneError, InvalidError, PlatformError
from stargazer.platforms import Platform
from stargazer.platforms.twitch import TWITCH
from stargazer.platforms.youtube import YOUTUBE

PLATFORMS: Mapping[str, Platform] = {platform.kind: platform for platform in (YOUTUBE, TWITCH)}
LONGEST_PASTE = 2000


def resolve_account(context: Context, kind: str, given: Mapping[str, Any]) -> dict[str, str]:
    """Make the parameters of a Task out of what somebody pasted.

    :param kind: the platform's.
    :param given: its one parameter: an id, a name, or an address.
    :raises InvalidError: when it names no account, with what was tried.
    """
    platform = PLATFORMS[kind]
    path = f"`params.{platform.field}`"
    pasted = given.get(platform.field)
    problems = [f"`params.{name}`: not known here" for name in given if name != platform.field]
    if not isinstance(pasted, str) or not 0 < len(pasted.strip()) <= LONGEST_PASTE:
        problems.append(f"{path}: needed: an id, a name, or the address of an account's page")
    if problems or not isinstance(pasted, str):
        raise InvalidError("invalid_parameters", *problems)
    try:
        return platform.resolve(
            context, platform.recognise(pasted.strip()) or pasted.strip()
        ).model_dump()
    except GoneError as exc:
        raise InvalidError("invalid_parameters", f"{path}: {exc.reason}") from None
    except PlatformError as exc:
        raise InvalidError(
            "invalid_parameters", f"{path}: {kind} could not be asked: {exc.reason}"
        ) from None


def find_platform(address: str) -> Platform | None:
    """Tell whose account an address names; None when it is nobody's that we know."""
    found = (each for each in PLATFORMS.values() if each.recognise(address.strip()) is not None)
    return next(found, None)
