import pytest

from stargazer.errors import InvalidError, PlatformAwayError
from stargazer.platforms.bilibili import recognise, recognise_live
from stargazer.platforms.registry import find_platform, resolve_account


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://space.bilibili.com/286700005", "286700005"),
        ("space.bilibili.com/286700005/dynamic?spm=1", "286700005"),
        ("https://m.bilibili.com/space/286700005", "286700005"),
        ("https://www.bilibili.com/space/286700005", "286700005"),
        ("https://www.bilibili.com/video/BV1", None),
        ("https://space.bilibili.com.example/5", None),
        ("286700005", None),
    ],
)
def test_what_an_address_of_a_space_names(address, name):
    assert recognise(address) == name


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://live.bilibili.com/22637261", "room/22637261"),
        ("https://live.bilibili.com/h5/22637261?x=1", "room/22637261"),
        ("live.bilibili.com/blanc/1", "room/1"),
        ("https://live.bilibili.com/", None),
        ("https://space.bilibili.com/5", "5"),
    ],
)
def test_what_an_address_of_a_room_names(address, name):
    assert recognise_live(address) == name


def test_a_space_is_for_posts_and_a_room_for_streams():
    assert find_platform("https://space.bilibili.com/5").kind == "bilibili"
    assert find_platform("https://live.bilibili.com/5").kind == "bililive"


@pytest.fixture
def known(make_context, simulator):
    simulator.bilibili.set_room("5", room_id=1005, short_id=7)
    return make_context(bililive_api_url=simulator.bilibili.live_url)


@pytest.mark.parametrize(
    "given", ["5", "UID:5", "https://live.bilibili.com/1005", "https://live.bilibili.com/7"]
)
def test_what_people_paste_becomes_a_number(known, given):
    assert resolve_account(known, "bililive", {"uid": given}).params == {"uid": "5"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("name", "is no number of an account"),
        ("0", "is no number of an account"),
        ("https://live.bilibili.com/9", "knows no live room 9"),
    ],
)
def test_what_is_nobodys_is_refused(known, given, said):
    with pytest.raises(InvalidError, match=said):
        resolve_account(known, "bililive", {"uid": given})


def test_a_room_cannot_be_resolved_while_bilibili_is_away(known, simulator):
    simulator.add_fault("bililive", status=500)
    with pytest.raises(PlatformAwayError):
        resolve_account(known, "bililive", {"uid": "https://live.bilibili.com/1005"})
