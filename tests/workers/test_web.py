"""The chat app that is a page of our own."""

from uuid import uuid4

import pytest

from stargazer.models import User
from stargazer.rendering import Message
from workers.im.web import Web

MESSAGE = Message("Sora: Live now", ("A title", "2026-11-23"), "https://v1", ("https://p1",))


@pytest.fixture
def web(context, store):
    return Web(context)


def test_a_message_is_put_into_the_inbox(web, store):
    user = User(im="web", im_payload="me")
    assert web.send(user, MESSAGE, "key") == ("key",)
    [found] = store.inbox.list_latest(10)
    assert (found["user"], found["headline"]) == (str(user.id), "Sora: Live now")
    assert (found["lines"], found["url"]) == (["A title", "2026-11-23"], "https://v1")
    assert found["picture"] == "https://p1"


def test_the_same_delivery_twice_is_one_message(web, store):
    user = User(im="web", im_payload="me")
    for _ in range(2):
        assert web.send(user, MESSAGE, "key") == ("key",)
    web.send(user, MESSAGE, str(uuid4()))
    assert len(store.inbox.list_latest(10)) == 2


def test_there_is_no_limit(web):
    assert web.get_limits(User(im="web", im_payload="me")) == ()
