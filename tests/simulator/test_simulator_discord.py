"""The simulated Discord: refuses what goes over a documented limit, and counts it."""

import pytest

ID, TOKEN = "123456789012345678", "a-token"
AGENT = "DiscordBot (https://stars.example, 1)"
LONG = "x" * 4096
FIELD = {"name": "x", "value": "x"}


def make_embed(**parts):
    return {"embeds": [{"title": "x", **parts}]}


def allow(**mentions):
    return {"content": "x", "allowed_mentions": mentions}


@pytest.fixture
def post(web):
    web.put(f"/control/discord/webhooks/{ID}", json={"token": TOKEN})

    def ask(message, key=ID, token=TOKEN, agent=AGENT, query="?wait=true"):
        url = f"/discord/api/v10/webhooks/{key}/{token}{query}"
        return web.post(url, json=message, headers={"User-Agent": agent})

    return ask


@pytest.fixture
def breaks(web):
    return lambda: web.get("/control/counters").json["limit_breaks"]


def test_a_message_gets_its_id_and_shows_its_bucket(post, breaks):
    answer = post({"embeds": [{"title": "x"}]})
    assert answer.status_code == 200
    assert answer.json["id"].isdecimal()
    assert answer.headers["X-RateLimit-Limit"] == "5"
    assert answer.headers["X-RateLimit-Remaining"] == "4"
    assert 0 < float(answer.headers["X-RateLimit-Reset-After"]) <= 2
    assert breaks() == {}


def test_without_waiting_there_is_no_id(post):
    answer = post({"content": "x"}, query="")
    assert (answer.status_code, answer.data) == (204, b"")


@pytest.mark.parametrize(
    ("asked", "status", "code"),
    [
        ({"key": "1"}, 404, 10015),
        ({"token": "wrong"}, 401, 50027),
        ({"agent": "python-requests"}, 403, 40333),
        ({"query": "?thread_id=1"}, 400, 10003),
    ],
    ids=["no webhook", "another token", "another agent", "no thread"],
)
def test_who_may_not_is_told_so(post, asked, status, code):
    answer = post({"content": "x"}, **asked)
    assert (answer.status_code, answer.json["code"]) == (status, code)


@pytest.mark.parametrize(
    ("message", "place", "limit"),
    [
        ({"content": "x" * 2001}, "content", "content_length"),
        ({"content": "x", "username": "x" * 81}, "username", "username_length"),
        ({"content": "x", "avatar_url": "x"}, "avatar_url", "url"),
        ({"content": "x", "nonce": "1"}, "nonce", "unknown"),
        ({"embeds": [{"title": "x"}] * 11}, "embeds", "embeds"),
        ({"embeds": [{"title": "x" * 257}]}, "embeds.0.title", "title_length"),
        ({"embeds": [{"description": LONG + "x"}]}, "embeds.0.description", "description_length"),
        ({"embeds": [{"description": LONG}] * 2}, "embeds", "embeds_length"),
        ({"embeds": [{"title": "x", "color": 0x1000000}]}, "embeds.0.color", "color"),
        ({"embeds": [{"title": "x", "url": "ftp://x"}]}, "embeds.0.url", "url"),
        ({"embeds": [{"image": {"url": "x"}}]}, "embeds.0.image.url", "url"),
        ({"embeds": [{"title": "x", "timestamp": "now"}]}, "embeds.0.timestamp", "timestamp"),
        (make_embed(footer={"text": "x" * 2049}), "embeds.0.footer.text", "footer_length"),
        (make_embed(author={"name": "x" * 257}), "embeds.0.author.name", "author_length"),
        (make_embed(author={"name": "x", "url": "x"}), "embeds.0.author.url", "url"),
        (make_embed(fields=[FIELD] * 26), "embeds.0.fields", "fields"),
        (
            make_embed(fields=[FIELD, {**FIELD, "name": "x" * 257}]),
            "embeds.0.fields.1.name",
            "field_name_length",
        ),
        (
            make_embed(fields=[{**FIELD, "value": "x" * 1025}]),
            "embeds.0.fields.0.value",
            "field_value_length",
        ),
        (make_embed(fields=[{"name": "x"}]), "embeds.0.fields.0.value", "field_value_length"),
        (allow(parse=["all"]), "allowed_mentions.parse", "mentions_unknown"),
        (allow(roles=["1"] * 101), "allowed_mentions.roles", "mentions"),
        (allow(parse=["roles"], roles=["1"]), "allowed_mentions.roles", "mentions_exclusive"),
        ({"embeds": [{"title": "x", "link": "x"}]}, "embeds.0.link", "unknown"),
        ([], "_", "form"),
    ],
)
def test_what_is_too_much_is_named_and_counted(post, breaks, message, place, limit):
    answer = post(message)
    assert (answer.status_code, answer.json["code"]) == (400, 50035)
    found = answer.json["errors"]
    for part in place.split("."):
        found = found[part]
    assert found["_errors"][0]["message"] == limit
    assert breaks() == {f"discord_{limit}": 1}


@pytest.mark.parametrize("message", [{}, {"content": "", "embeds": []}])
def test_an_empty_message_is_refused(post, message):
    assert post(message).json["code"] == 50006


@pytest.mark.parametrize(
    "message",
    [
        make_embed(title="x" * 256, description=LONG, footer={"text": "x" * 1648}),
        make_embed(author={"name": "x" * 256}, footer={"text": "x" * 2048}),
        make_embed(fields=[FIELD] * 25),
        make_embed(fields=[{"name": "x" * 256, "value": "x" * 1024}]),
        {"embeds": [{"title": "x"}] * 10, "content": "x" * 2000, "username": "x" * 80},
        allow(parse=["users"], roles=["1"] * 100),
    ],
    ids=["altogether", "author and footer", "fields", "a field", "embeds", "mentions"],
)
def test_what_just_fits_is_taken(post, breaks, message):
    assert post(message).status_code == 200
    assert breaks() == {}


@pytest.mark.parametrize(
    ("allowed", "called"),
    [
        (None, ["1", "2", "3", "everyone", "here"]),
        ({"parse": []}, []),
        ({}, []),
        ({"parse": ["everyone"]}, ["everyone", "here"]),
        ({"parse": [], "roles": ["1"]}, ["1"]),
        ({"parse": ["users"], "roles": ["9"]}, ["2", "3"]),
    ],
    ids=["unsaid", "nobody", "nothing", "everyone", "a role", "users"],
)
def test_only_who_may_be_called_is(post, web, allowed, called):
    content = "<@&1> <@2> <@!3> @everyone @here"
    message = {"content": content, "embeds": [{"title": content}]}
    post(message if allowed is None else {**message, "allowed_mentions": allowed})
    assert web.get("/control/journal").json["entries"][-1]["called"] == called


def test_a_full_bucket_asks_for_a_pause_and_counts(post, web, breaks):
    web.put(f"/control/discord/webhooks/{ID}", json={"per": 60})
    answers = [post({"content": "x"}) for _ in range(6)]
    assert [each.status_code for each in answers] == [200] * 5 + [429]
    assert answers[4].headers["X-RateLimit-Remaining"] == "0"
    refused = answers[5]
    assert 0 < refused.json["retry_after"] <= 60
    assert refused.json["global"] is False
    assert refused.headers["X-RateLimit-Scope"] == "user"
    assert breaks() == {"discord_webhook": 1}


def test_all_webhooks_together_have_a_limit(post, web, breaks):
    web.put(f"/control/discord/webhooks/{ID}", json={"limit": 1000})
    assert web.put("/control/limits", json={}).json["discord_per_second"] == 50
    answers = [post({"content": "x"})]
    # However slow this machine is at the moment, fifty come within some second.
    while answers[-1].status_code == 200 and len(answers) < 1000:
        answers.append(post({"content": "x"}))
    assert len(answers) > 50
    assert answers[-1].json["global"] is True
    assert answers[-1].headers["X-RateLimit-Global"] == "true"
    assert breaks() == {"discord_global": 1}


def test_who_was_refused_too_often_is_shut_out(post, web, breaks):
    assert web.put("/control/limits", json={}).json["discord_invalid"] == 10_000
    web.put("/control/limits", json={"discord_invalid": 3})
    for _ in range(2):
        assert post({"content": "x"}, token="wrong").status_code == 401
    assert post({"content": "x"}).status_code == 200
    assert post({"content": "x"}, token="wrong").status_code == 401
    answer = post({"content": "x"})
    assert (answer.status_code, answer.mimetype) == (429, "text/html")
    assert breaks() == {"discord_invalid": 1}


def test_a_fault_speaks_as_discord_does(post, web):
    fault = {"target": "discord", "status": 429, "retry_after": 7, "count": 1}
    web.post("/control/faults", json=fault)
    answer = post({"content": "x"})
    assert (answer.status_code, answer.json["retry_after"]) == (429, 7)
    assert post({"content": "x"}).status_code == 200


def test_no_token_is_in_the_journal(post, web):
    post({"content": "x"})
    post({"content": "x"}, token="another-token")
    journal = web.get("/control/journal").text
    assert TOKEN not in journal
    assert "another-token" not in journal
