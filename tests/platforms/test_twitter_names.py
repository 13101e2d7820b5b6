import pytest
from pydantic import SecretStr

from stargazer.errors import InvalidError
from stargazer.platforms.registry import find_platform, resolve_account
from stargazer.platforms.twitter import recognise
from stargazer.simulator.twitter.world import TOKEN

NUMBER = "880317891249188864"


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://x.com/tokino_sora", "tokino_sora"),
        ("https://twitter.com/Tokino_Sora/status/1?s=20", "Tokino_Sora"),
        ("mobile.twitter.com/tokino_sora/", "tokino_sora"),
        ("https://www.x.com/tokino_sora/media", "tokino_sora"),
        (f"https://x.com/i/user/{NUMBER}", NUMBER),
        ("https://x.com/i/lists/1", None),
        ("https://x.com/search?q=a", None),
        ("https://x.com/", None),
        ("https://x.com.example/tokino_sora", None),
        ("@tokino_sora", None),
    ],
)
def test_what_an_address_names(address, name):
    assert recognise(address) == name


def test_an_address_is_xs():
    assert find_platform("https://x.com/tokino_sora").kind == "twitter"


@pytest.mark.parametrize(
    "given", ["@Tokino_Sora", "tokino_sora", "https://twitter.com/Tokino_Sora"]
)
def test_what_people_paste_becomes_a_name_without_a_question(context, given):
    assert resolve_account(context, "twitter", {"id": given}).params == {"id": "tokino_sora"}


@pytest.mark.parametrize("given", ["two words", "sixteen_letters__", "そら", "a-b"])
def test_what_is_no_name_is_refused(context, given):
    with pytest.raises(InvalidError, match="is no name on X"):
        resolve_account(context, "twitter", {"id": given})


def test_a_number_is_looked_up(make_context, simulator):
    simulator.twitter.set_account(NUMBER, username="Tokino_Sora")
    context = make_context(twitter_api_url=simulator.twitter.url, twitter_token=SecretStr(TOKEN))
    assert resolve_account(context, "twitter", {"id": NUMBER}).params == {"id": "tokino_sora"}
    with pytest.raises(InvalidError, match="knows no account with the number"):
        resolve_account(context, "twitter", {"id": "1" * 18})


def test_a_number_cannot_be_looked_up_without_a_token(context):
    with pytest.raises(InvalidError, match="STARGAZER_TWITTER_TOKEN is not set"):
        resolve_account(context, "twitter", {"id": NUMBER})
