import pytest
from pydantic import SecretStr

from stargazer.errors import InvalidError, PlatformAwayError
from stargazer.platforms.registry import resolve_account, resolve_address
from stargazer.platforms.youtube import recognise
from stargazer.simulator.quota import DEFAULT_KEY

CHANNEL = "UC" + "a" * 22
OTHER = "UC" + "z" * 22


@pytest.mark.parametrize(
    ("address", "name"),
    [
        (f"https://www.youtube.com/channel/{CHANNEL}", CHANNEL),
        (f"http://m.youtube.com/channel/{CHANNEL}/streams?view=2&si=abc", CHANNEL),
        (f"youtube.com/channel/{CHANNEL}/", CHANNEL),
        (f"https://music.youtube.com/channel/{CHANNEL}", CHANNEL),
        ("https://www.youtube.com/@TokinoSora", "@TokinoSora"),
        ("https://youtube.com/@TokinoSora/featured?si=abc", "@TokinoSora"),
        ("https://www.youtube.com/%40%E6%98%9F", "@星"),
        ("https://www.youtube.com/c/TokinoSora", "c/TokinoSora"),
        ("https://www.youtube.com/user/TokinoSora", "user/TokinoSora"),
        ("https://www.youtube.com/TokinoSora", "c/TokinoSora"),
        ("https://www.youtube.com/watch?v=v3JMDEjXtLE&t=1s", "video/v3JMDEjXtLE"),
        ("https://youtu.be/v3JMDEjXtLE?si=abc", "video/v3JMDEjXtLE"),
        ("https://www.youtube.com/live/v3JMDEjXtLE", "video/v3JMDEjXtLE"),
        ("https://www.youtube.com/shorts/v3JMDEjXtLE", "video/v3JMDEjXtLE"),
        ("https://www.youtube.com/watch", None),
        ("https://www.youtube.com/playlist?list=PL1", None),
        ("https://www.youtube.com/", None),
        ("https://youtube.com.example/channel/UC", None),
        ("ftp://youtube.com/channel/UC", None),
        ("@TokinoSora", None),
        (CHANNEL, None),
    ],
)
def test_what_an_address_names(address, name):
    assert recognise(address) == name


@pytest.fixture
def context(make_context, simulator, store):
    simulator.set_channel(CHANNEL, title="Sora", handle="@TokinoSora", username="tokino")
    simulator.set_video("v3JMDEjXtLE", channel_id=CHANNEL, title="A", push=False)
    return make_context(
        youtube_api_url=simulator.youtube_url, youtube_api_key=SecretStr(DEFAULT_KEY)
    )


def resolve(context, given):
    return resolve_account(context, "youtube", {"channel_id": given}).params["channel_id"]


@pytest.mark.parametrize(
    "given",
    [
        CHANNEL,
        f" {CHANNEL}\n",
        "@TokinoSora",
        "@tokinosora",
        "TokinoSora",
        "tokino",
        f"https://www.youtube.com/channel/{CHANNEL}/streams",
        "https://www.youtube.com/@TokinoSora",
        "https://www.youtube.com/c/TokinoSora",
        "https://www.youtube.com/user/tokino",
        "https://youtu.be/v3JMDEjXtLE",
    ],
)
def test_what_people_paste_becomes_an_id(context, given):
    assert resolve(context, given) == CHANNEL


def test_an_address_alone_is_enough(context):
    account = resolve_address(context, "https://www.youtube.com/@TokinoSora")
    assert account == ("youtube", {"channel_id": CHANNEL})


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (OTHER, f"knows no channel with the id {OTHER}"),
        ("@nobody", "tried the handle @nobody"),
        ("nobody", "tried the handle @nobody and the user name nobody"),
        ("https://www.youtube.com/user/nobody", "tried the user name nobody and the handle"),
        ("https://youtu.be/xxxxxxxxxxx", "knows no video with the id xxxxxxxxxxx"),
        ("https://youtu.be/x", "'x' is no id of a video"),
        ("two words", "'two words' is no id, handle or address"),
        ("<script>", "is no id, handle or address"),
        ("x" * 500, "…"),
    ],
)
def test_what_is_nobodys_is_refused_with_what_was_tried(context, given, said):
    with pytest.raises(InvalidError) as caught:
        resolve(context, given)
    assert said in str(caught.value)
    assert str(caught.value).startswith("`params.channel_id`: ")


def test_without_a_key_only_an_id_is_taken(make_context):
    context = make_context(youtube_api_key=SecretStr(""))
    assert resolve(context, CHANNEL) == CHANNEL
    assert resolve(context, f"https://www.youtube.com/channel/{CHANNEL}") == CHANNEL
    with pytest.raises(InvalidError, match=r"without STARGAZER_YOUTUBE_API_KEY.*Copy channel ID"):
        resolve(context, "@TokinoSora")


def test_trouble_of_the_platform_is_nobodys_fault(context, simulator):
    simulator.add_fault("api", status=503)
    assert resolve(context, OTHER) == OTHER
    with pytest.raises(PlatformAwayError, match="try again"):
        resolve(context, "@TokinoSora")


def test_an_address_of_nowhere_is_refused(context):
    with pytest.raises(InvalidError, match="it is on none of youtube"):
        resolve_address(context, "elsewhere.example/@x")
