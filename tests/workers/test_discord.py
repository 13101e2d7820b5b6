"""What Discord is told, and what is made of what it says."""

import json

import pytest
import responses
from cryptography.fernet import Fernet
from pydantic import SecretStr

from stargazer import addresses, ratelimit
from stargazer.errors import (
    GoneError,
    RefusedError,
    ThrottledError,
    TransientError,
    UnknownOutcomeError,
)
from stargazer.keyring import Keyring
from stargazer.models import User, UserSettings
from stargazer.rendering import Message, Quote, Times, Translation
from workers.im.discord import Discord

API = "https://discord.test"
KEY = SecretStr(Fernet.generate_key().decode())
ID, THREAD, ROLE = "123456789012345678", "223456789012345678", "323456789012345678"
TOKEN = "a-token-of-the-webhook"
MESSAGE = Message("Sora: Live now", ("A title",), "https://v.test/1", ("https://p.test/1",))
EXECUTE = f"{API}/api/v10/webhooks/{ID}/{TOKEN}"


def make_user(given=f"{ID}/{TOKEN}"):
    name, sealed = addresses.seal(Keyring(KEY), "discord", given)
    return User(im="discord", im_payload=name, sealed=sealed)


@pytest.fixture
def discord(make_context, simulator):
    return Discord(make_context(discord_url=simulator.discord.url, secret_key=KEY))


@pytest.fixture
def webhook(simulator):
    return make_user(simulator.discord.set_webhook(ID, token=TOKEN, threads=[THREAD]))


@pytest.fixture
def answer(make_context):
    """Give a function that says what Discord answers next, and returns how it is reacted to."""

    def react(status, body=None, **kwargs):
        discord = Discord(make_context(discord_url=API, secret_key=KEY))
        with responses.RequestsMock() as mocked:
            kwargs |= {"json": body} if isinstance(body, dict) else {"body": body or b""}
            mocked.post(EXECUTE, status=status, **kwargs)
            return discord.send(make_user(), MESSAGE, "key")

    return react


def get_wait(context, discord, user):
    [wait] = ratelimit.reserve(context.redis, [discord.get_limits(user)], 1000.0)
    return wait


class TestSending:
    def test_a_message_is_an_embed_that_mentions_nobody(self, discord, simulator, webhook):
        [number] = discord.send(webhook, MESSAGE, "key")
        [call] = simulator.journal(target="discord")
        assert (call["webhook"], call["message_id"], call["status"]) == (ID, number, 200)
        assert call["message"]["allowed_mentions"] == {"parse": []}
        [embed] = call["message"]["embeds"]
        assert (embed["title"], embed["description"]) == ("Sora: Live now", "A title")
        assert simulator.counters()["limit_breaks"] == {}

    @pytest.mark.parametrize(
        ("mention", "may_mention", "called"),
        [("", True, []), (ROLE, False, []), (ROLE, True, [ROLE])],
        ids=["nobody is wanted", "not worth it", "a role"],
    )
    def test_a_role_is_called_where_it_is_wanted_and_worth_it(
        self, discord, simulator, webhook, mention, may_mention, called
    ):
        wishes = UserSettings(mention=mention)
        message = MESSAGE._replace(may_mention=may_mention)
        discord.send(webhook.model_copy(update={"settings": wishes}), message, "key")
        [call] = simulator.journal(target="discord")
        assert call["called"] == called
        assert call["message"]["allowed_mentions"]["parse"] == []
        assert call["message"]["embeds"][0]["title"] == MESSAGE.headline
        assert simulator.counters()["limit_breaks"] == {}

    def test_a_role_is_called_without_links_as_well(self, discord, simulator, webhook):
        simulator.discord.set_webhook(ID, links_refused=True)
        wishes = webhook.model_copy(update={"settings": UserSettings(mention=ROLE)})
        discord.send(wishes, MESSAGE._replace(may_mention=True), "key")
        assert simulator.journal(target="discord")[-1]["called"] == [ROLE]

    @pytest.mark.parametrize("mention", ["", ROLE], ids=["nobody", "a role"])
    @pytest.mark.parametrize(
        "text", ["@everyone", "@here", "<@&1>", f"<@&{ROLE}>", "<@1>", "<@!1>"]
    )
    def test_no_text_calls_anybody(self, discord, simulator, webhook, text, mention):
        message = Message(
            text,
            (text, Quote(text, text, text), Translation(text, text), Times((text,))),
            author=text,
            may_mention=True,
        )
        wishes = webhook.model_copy(update={"settings": UserSettings(mention=mention)})
        discord.send(wishes, message, "key")
        [call] = simulator.journal(target="discord")
        assert call["called"] == ([mention] if mention else [])
        assert text not in call["message"].get("content", "").removeprefix(f"<@&{ROLE}>")
        assert simulator.counters()["limit_breaks"] == {}

    @pytest.mark.usefixtures("webhook")
    def test_a_thread_is_written_to(self, discord, simulator):
        user = make_user(f"{ID}/{TOKEN}?thread_id={THREAD}")
        assert discord.send(user, MESSAGE, "key")
        assert simulator.journal(target="discord")[0]["thread_id"] == THREAD

    def test_links_that_are_refused_are_left_out(self, discord, simulator, webhook):
        simulator.discord.set_webhook(ID, links_refused=True)
        assert discord.send(webhook, MESSAGE, "key")
        first, second = simulator.journal(target="discord")
        assert (first["status"], second["status"]) == (400, 200)
        assert second["message"]["embeds"][0].keys() == {
            "type",
            "title",
            "description",
            "color",
        }

    @pytest.mark.parametrize(
        ("status", "body"), [(200, {}), (204, None)], ids=["without an id", "without a body"]
    )
    def test_what_was_taken_is_taken_whatever_the_answer_lacks(self, answer, status, body):
        assert answer(status, body) == ()

    def test_who_is_behind_it_is_said_as_discord_wants(self, make_context):
        context = make_context(discord_url=API, secret_key=KEY, public_url="https://stars.example")
        with responses.RequestsMock() as mocked:
            mocked.post(EXECUTE, json={"id": "1"})
            Discord(context).send(make_user(), MESSAGE, "key")
            request = mocked.calls[0].request
        assert request.headers["User-Agent"].startswith("DiscordBot (https://stars.example, ")
        assert request.params == {"wait": "true"}
        assert json.loads(request.body).keys() == {"embeds", "allowed_mentions"}


class TestRefusals:
    def test_a_deleted_webhook_is_gone(self, discord, simulator, webhook):
        simulator.discord.delete_webhook(ID)
        with pytest.raises(GoneError, match=r"Unknown Webhook \(10015\)"):
            discord.send(webhook, MESSAGE, "key")

    def test_a_wrong_token_is_gone(self, discord, simulator, webhook):
        simulator.discord.set_webhook(ID, token="another-token-of-it")
        with pytest.raises(GoneError, match="50027") as caught:
            discord.send(webhook, MESSAGE, "key")
        assert TOKEN not in str(caught.value)

    @pytest.mark.usefixtures("webhook")
    def test_a_thread_that_is_not_there_is_gone(self, discord):
        user = make_user(f"{ID}/{TOKEN}?thread_id={int(THREAD) + 1}")
        with pytest.raises(GoneError, match="10003"):
            discord.send(user, MESSAGE, "key")

    @pytest.mark.parametrize(
        ("status", "body", "error"),
        [
            (404, {"message": "Unknown", "code": 0}, GoneError),
            (403, {"message": "Missing Permissions", "code": 50013}, GoneError),
            (400, {"message": "forum", "code": 220001}, GoneError),
            (400, {"message": "Empty", "code": 50006}, RefusedError),
            (400, {"message": "automod", "code": 200000}, RefusedError),
            (403, {"message": "odd", "code": 1}, RefusedError),
            (400, {"message": "slow", "code": 20016, "retry_after": 3}, ThrottledError),
            (500, {"message": "oops", "code": 0}, TransientError),
            (502, "<html>", TransientError),
            (404, "<html>", TransientError),
            (200, "<html>", UnknownOutcomeError),
            (200, "[]", UnknownOutcomeError),
        ],
        ids=[
            "not found",
            "no permission",
            "a forum",
            "empty",
            "automod",
            "another 403",
            "slow mode",
            "500",
            "a gateway",
            "somebody else's 404",
            "half an answer",
            "another answer",
        ],
    )
    def test_the_error_says_how_to_react(self, answer, status, body, error):
        with pytest.raises(error) as caught:
            answer(status, body)
        assert type(caught.value) is error

    def test_no_answer_leaves_it_open(self, discord, simulator, webhook):
        simulator.add_fault("discord", drop=True, accept=True, count=1)
        with pytest.raises(UnknownOutcomeError):
            discord.send(webhook, MESSAGE, "key")

    def test_without_a_key_nothing_is_asked(self, make_context, simulator):
        discord = Discord(make_context(discord_url=simulator.discord.url))
        with pytest.raises(ThrottledError, match="STARGAZER_SECRET_KEY"):
            discord.send(make_user(), MESSAGE, "key")
        assert simulator.journal(target="discord") == []


class TestPace:
    def test_an_empty_bucket_is_waited_for_by_all_workers(
        self, discord, context, simulator, webhook
    ):
        simulator.discord.set_webhook(ID, limit=1, per=40)
        discord.send(webhook, MESSAGE, "key")
        assert 30 < get_wait(context, discord, webhook) <= 40
        assert get_wait(context, discord, make_user(f"{int(ID) + 1}/{TOKEN}")) < 1

    def test_threads_share_their_webhooks_bucket(self, discord):
        limits = {
            discord.get_limits(make_user(f"{ID}/{TOKEN}{thread}"))
            for thread in ("", f"?thread_id={THREAD}")
        }
        assert len(limits) == 1

    def test_a_full_bucket_is_throttled_for_as_long_as_discord_says(
        self, discord, simulator, webhook
    ):
        simulator.discord.set_webhook(ID, limit=1, per=40)
        discord.send(webhook, MESSAGE, "key")
        with pytest.raises(ThrottledError, match="this webhook") as caught:
            discord.send(webhook, MESSAGE, "key")
        assert 30 < caught.value.retry_after < 40
        assert caught.value.retry_after % 1

    def test_the_global_limit_holds_up_everybody(self, answer, discord, context):
        body = {"message": "slow down", "retry_after": 40.5, "global": True}
        with pytest.raises(ThrottledError, match="everything") as caught:
            answer(429, body)
        assert caught.value.retry_after == 40.5
        assert get_wait(context, discord, make_user(f"{int(ID) + 1}/{TOKEN}")) > 30

    @pytest.mark.parametrize("status", [429, 403])
    def test_cloudflare_holds_up_everybody(self, answer, discord, context, status):
        with pytest.raises(ThrottledError, match="Cloudflare") as caught:
            answer(status, "<html>", headers={"Retry-After": "50"})
        assert caught.value.retry_after == 50
        assert get_wait(context, discord, make_user(f"{int(ID) + 1}/{TOKEN}")) > 40

    @pytest.mark.parametrize("pause", ["soon", -1, None, "nan", 0], ids=str)
    def test_a_pause_that_is_none_is_a_usual_one(self, answer, pause):
        with pytest.raises(ThrottledError) as caught:
            answer(429, {"message": "slow down", "retry_after": pause})
        assert caught.value.retry_after == 5.0

    def test_what_was_taken_needs_no_redis(self, make_context, free_port, simulator, webhook):
        simulator.discord.set_webhook(ID, limit=1)
        context = make_context(
            discord_url=simulator.discord.url,
            secret_key=KEY,
            redis_url=f"redis://127.0.0.1:{free_port()}/0",
        )
        assert Discord(context).send(webhook, MESSAGE, "key")
