import pytest
from pydantic import SecretStr

from stargazer.errors import GoneError, InvalidError
from stargazer.platforms.registry import find_platform, resolve_account
from stargazer.platforms.twitch import recognise, resolve
from stargazer.simulator.twitch.world import CLIENT_ID, CLIENT_SECRET


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://www.twitch.tv/Vedal987", "Vedal987"),
        ("http://twitch.tv/vedal987/videos?filter=all", "vedal987"),
        ("m.twitch.tv/vedal987", "vedal987"),
        ("https://www.twitch.tv/popout/vedal987/chat", "vedal987"),
        ("https://www.twitch.tv/directory/all", None),
        ("https://www.twitch.tv/", None),
        ("https://twitch.tv.example/vedal987", None),
        ("https://www.youtube.com/vedal987", None),
        ("vedal987", None),
        ("http://[", None),
    ],
)
def test_what_an_address_names(address, name):
    assert recognise(address) == name


def test_an_address_is_twitchs():
    assert find_platform("https://www.twitch.tv/vedal987").kind == "twitch"


@pytest.fixture
def known(make_context, simulator):
    simulator.twitch.set_account("1", login="vedal987")
    return make_context(
        twitch_api_url=simulator.twitch.url,
        twitch_auth_url=simulator.twitch.url,
        twitch_client_id=CLIENT_ID,
        twitch_client_secret=SecretStr(CLIENT_SECRET),
    )


@pytest.mark.parametrize("given", ["@Vedal987", "vedal987", "https://www.twitch.tv/Vedal987/about"])
def test_what_people_paste_becomes_a_login(known, given):
    assert resolve_account(known, "twitch", {"login": given}).params == {"login": "vedal987"}


@pytest.mark.parametrize(
    "given", ["no spaces", "x", "ü" * 9, "a" * 26, "https://elsewhere.example/x"]
)
def test_what_is_no_login_is_refused(context, given):
    with pytest.raises(GoneError):
        resolve(context, given)


def test_a_login_of_nobody_is_refused_with_what_was_tried(known):
    with pytest.raises(InvalidError, match="knows no account of the login 'nobody'"):
        resolve_account(known, "twitch", {"login": "nobody"})


def test_without_an_app_a_login_is_believed(context):
    assert resolve(context, "nobody").login == "nobody"
