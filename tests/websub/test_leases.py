"""The subscriber's side of WebSub, where it decides."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
import responses

from stargazer.errors import PlatformError, ThrottledError, TransientError
from stargazer.http import HttpClient
from stargazer.models import Lease, LeaseState
from stargazer.websub import (
    VERIFY_WITHIN,
    Answer,
    ask,
    asked,
    confirm,
    give_up,
    is_over,
    is_safe,
    is_signed,
    lapse,
    new_lease,
    put_off,
    refused,
)
from stargazer.websub.leases import RENEW_AT

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
TOPIC = "https://www.youtube.com/xml/feeds/videos.xml?channel_id=UCstars"
OTHER_TOPIC = "https://www.youtube.com/xml/feeds/videos.xml?channel_id=UCothers"
HUB = "https://hub.test/subscribe"


def make_lease(state="pending", **fields):
    values = {
        "token": "token",
        "kind": "youtube",
        "account": "UCstars",
        "hub": HUB,
        "topic": TOPIC,
        "callback": "https://me.test/push/token",
        "secret": "a secret",
        "asked_at": NOW,
        "renew_at": NOW,
    }
    return Lease(state=state, **{**values, **fields})


def verify(**changes):
    query = {"mode": "subscribe", "topic": TOPIC, "challenge": "abc", "lease_seconds": "432000"}
    query |= changes
    return {f"hub.{name}": value for name, value in query.items() if value is not None}


class TestNewLeases:
    def test_a_new_lease_is_due_at_once_and_its_callback_is_ours(self):
        lease = new_lease("youtube", "UCstars", HUB, TOPIC, "https://me.test/base", NOW)
        assert lease.callback == f"https://me.test/base/push/{lease.token}"
        assert (lease.state, lease.renew_at) == (LeaseState.PENDING, NOW)
        assert (lease.asked_at, lease.expires_at) == (None, None)

    def test_no_two_leases_share_what_must_not_be_guessed(self):
        leases = [new_lease("youtube", "UC", HUB, TOPIC, "https://me", NOW) for _ in range(100)]
        secrets = {lease.secret for lease in leases} | {lease.token for lease in leases}
        assert len(secrets) == 200
        # A hub refuses a secret of 200 bytes or more.
        assert all(32 <= len(secret) < 200 for secret in secrets)


class TestAsking:
    @pytest.mark.parametrize("mode", ["subscribe", "unsubscribe"])
    def test_a_hub_is_told_everything_that_it_wants_to_know(self, mode):
        with responses.RequestsMock() as hub:
            form = {
                "hub.mode": mode,
                "hub.topic": TOPIC,
                "hub.callback": "https://me.test/push/token",
                "hub.secret": "a secret",
                "hub.lease_seconds": "86400",
                "hub.verify": "async",
            }
            hub.post(HUB, status=202, match=[responses.matchers.urlencoded_params_matcher(form)])
            ask(HttpClient(MINUTE), make_lease(), mode, DAY)

    @pytest.mark.parametrize(
        ("status", "error"),
        [
            (400, PlatformError),
            (404, PlatformError),
            (409, PlatformError),
            (429, ThrottledError),
            (500, TransientError),
            (503, TransientError),
        ],
        ids=str,
    )
    def test_a_hub_that_refuses_says_how_to_react(self, status, error):
        with responses.RequestsMock() as hub:
            hub.post(HUB, status=status)
            with pytest.raises(error):
                ask(HttpClient(MINUTE), make_lease(), "subscribe", DAY)

    @pytest.mark.parametrize(
        "target",
        [
            "http://127.0.0.1:6379/",
            "http://localhost/admin",
            "http://[::1]/",
            "http://hub.test/",
            "ftp://hub.test/",
            "https://[x",
        ],
        ids=str,
    )
    @pytest.mark.parametrize("status", [307, 308])
    def test_a_hub_leads_neither_to_this_machine_nor_off_tls(self, target, status):
        with responses.RequestsMock() as hub:
            hub.post(HUB, status=status, headers={"Location": target})
            with pytest.raises(PlatformError):
                ask(HttpClient(MINUTE), make_lease(), "subscribe", DAY)
            assert len(hub.calls) == 1

    def test_a_hub_that_redirects_for_ever_is_left(self):
        with responses.RequestsMock() as hub:
            hub.post(HUB, status=307, headers={"Location": HUB})
            with pytest.raises(PlatformError, match="without end"):
                ask(HttpClient(MINUTE), make_lease(), "subscribe", DAY)
            assert len(hub.calls) == 5

    @pytest.mark.parametrize(
        ("statuses", "home"),
        [
            ((308, 308), "https://2.test/"),
            ((308, 307), "https://1.test/"),
            ((307, 308), HUB),
            ((307, 307), HUB),
        ],
        ids=str,
    )
    def test_a_hub_is_remembered_where_it_has_moved_for_good(self, statuses, home):
        with responses.RequestsMock() as hub:
            steps = zip((HUB, "https://1.test/"), statuses, (1, 2), strict=True)
            for url, status, number in steps:
                target = f"https://{number}.test/"
                hub.post(url, status=status, headers={"Location": target})
            hub.post("https://2.test/", status=202)
            assert ask(HttpClient(MINUTE), make_lease(), "subscribe", DAY) == home

    @pytest.mark.parametrize(
        ("hub", "named_by", "safe"),
        [
            ("https://hub.test/", "https://blog.test/", True),
            ("https://10.0.0.1/", "https://blog.test/", True),
            ("http://hub.test/", None, False),
            ("http://localhost/", None, True),
            ("http://127.0.0.1:1/", "http://localhost:2/feed", True),
            ("http://127.0.0.1:1/", "https://blog.test/", False),
            ("http://localhost@hub.test/", None, False),
            ("http://[x", None, False),
            ("gopher://localhost/", None, False),
        ],
        ids=str,
    )
    def test_which_hub_may_be_asked(self, hub, named_by, safe):
        assert is_safe(hub, named_by) is safe

    def test_what_was_asked_is_asked_again_if_nothing_comes_of_it(self):
        assert asked(NOW) == {"asked_at": NOW, "renew_at": NOW + VERIFY_WITHIN}


def mangle(signature):
    return signature[:-1] + ("0" if signature[-1] != "0" else "1")


class TestFailing:
    def pauses(self, error, count=8, **fields):
        lease = make_lease(**fields)
        found = []
        for _ in range(count):
            changes = refused(lease, error, NOW)
            found.append((changes["renew_at"] - NOW) / MINUTE)
            lease = lease.model_copy(update=changes)
        return found

    def test_the_pause_grows_up_to_an_hour(self):
        assert self.pauses(PlatformError("HTTP 409")) == [1, 2, 5, 15, 30, 60, 60, 60]

    def test_a_lease_that_fails_forever_breaks_nothing(self):
        assert self.pauses(PlatformError("HTTP 409"), 1, failures=10**9) == [60]

    @pytest.mark.parametrize(
        ("lease", "state"),
        [
            (make_lease("verified", expires_at=NOW + MINUTE), LeaseState.VERIFIED),
            (make_lease("verified", expires_at=NOW), LeaseState.FAILED),
            (make_lease("verified"), LeaseState.FAILED),
            (make_lease("pending"), LeaseState.FAILED),
            (make_lease("denied"), LeaseState.FAILED),
            (make_lease("failed"), LeaseState.FAILED),
        ],
        ids=["still valid", "just over", "never valid", "pending", "denied", "failed again"],
    )
    def test_a_lease_that_is_still_valid_stays_so(self, lease, state):
        changes = refused(lease, PlatformError("HTTP 409"), NOW)
        assert changes.get("state", lease.state) == state
        assert changes["failures"] == lease.failures + 1
        assert changes["last_error"] == "HTTP 409"

    def test_trouble_of_the_hub_is_not_the_leases(self):
        lease = make_lease("failed", failures=3, asked_at=NOW, verified_at=NOW - DAY)
        changes = put_off(lease, TransientError("HTTP 503"), NOW)
        assert "failures" not in changes
        assert changes["renew_at"] == NOW
        # It does not wait for a verification that cannot come.
        assert give_up(lease.model_copy(update=changes)) == {}

    def test_a_removed_lease_stays_removed(self):
        assert "state" not in refused(make_lease("removed"), PlatformError("HTTP 409"), NOW)
        assert "state" not in put_off(make_lease("removed"), TransientError("HTTP 503"), NOW)


class TestTime:
    @pytest.mark.parametrize(
        ("lease", "state"),
        [
            (make_lease("verified", expires_at=NOW + MINUTE), None),
            (make_lease("verified", expires_at=NOW), LeaseState.LAPSED),
            (make_lease("lapsed", expires_at=NOW), None),
            (make_lease("pending"), None),
            (make_lease("removed", expires_at=NOW), None),
        ],
        ids=["valid", "over", "over already", "never valid", "removed"],
    )
    def test_a_lease_whose_time_is_over_has_lapsed(self, lease, state):
        assert lapse(lease, NOW).get("state") == state

    @pytest.mark.parametrize(
        ("lease", "changes"),
        [
            (make_lease(asked_at=None), {}),
            (make_lease(asked_at=NOW), {"failures": 1, "state": LeaseState.FAILED}),
            (make_lease("failed", asked_at=NOW, failures=1), {"failures": 2}),
            (make_lease("verified", asked_at=NOW, verified_at=NOW - DAY), {"failures": 1}),
            (make_lease("verified", asked_at=NOW - DAY, verified_at=NOW), {}),
        ],
        ids=["never asked", "first time", "again", "renewal", "verified"],
    )
    def test_what_the_hub_has_not_verified_has_failed(self, lease, changes):
        found = give_up(lease)
        assert {name: found[name] for name in changes} == changes
        assert ("has not verified it" in str(found.get("last_error"))) is bool(changes)

    @pytest.mark.parametrize(
        ("lease", "over"),
        [
            (make_lease("verified", expires_at=NOW), False),
            (make_lease("removed", asked_at=None), True),
            (make_lease("removed", expires_at=NOW + DAY), False),
            (make_lease("removed", expires_at=NOW), True),
            (make_lease("removed", expires_at=NOW + DAY, failures=6), True),
        ],
        ids=["wanted", "never asked for", "still valid", "over", "never confirmed"],
    )
    def test_when_a_lease_can_be_forgotten(self, lease, over):
        assert is_over(lease, NOW) is over


class TestVerifying:
    @pytest.mark.parametrize("state", ["pending", "verified", "failed", "denied", "lapsed"])
    def test_what_we_asked_for_is_confirmed(self, state):
        answer, changes = confirm(make_lease(state, failures=3), verify(), NOW)
        assert answer == Answer.CONFIRMED
        renew_at = changes.pop("renew_at")
        assert 0.9 * RENEW_AT * 5 * DAY <= renew_at - NOW <= RENEW_AT * 5 * DAY
        assert changes == {
            "state": LeaseState.VERIFIED,
            "verified_at": NOW,
            "expires_at": NOW + 5 * DAY,
            "failures": 0,
            "last_error": None,
        }

    def test_leases_of_the_same_moment_are_not_renewed_in_the_same_moment(self):
        leases = [make_lease(token=f"token-{number}") for number in range(100)]
        renewals = {confirm(lease, verify(), NOW)[1]["renew_at"] for lease in leases}
        assert len(renewals) == 100

    @pytest.mark.parametrize(
        ("lease", "query"),
        [
            (make_lease(), verify(topic=OTHER_TOPIC)),
            (make_lease(), verify(topic=TOPIC.replace("/xml", ""))),
            (make_lease(), verify(topic=None)),
            (make_lease(), verify(topic="")),
            (make_lease(), verify(challenge=None)),
            (make_lease(), verify(mode=None)),
            (make_lease(), verify(mode="")),
            (make_lease(), verify(mode="SUBSCRIBE")),
            (make_lease(), verify(mode="publish")),
            (make_lease(), {}),
            (make_lease(asked_at=None), verify()),
            (make_lease("removed"), verify()),
            (make_lease(), verify(mode="unsubscribe")),
            (make_lease("verified"), verify(mode="unsubscribe")),
            (make_lease("removed"), verify(mode="unsubscribe", topic=OTHER_TOPIC)),
        ],
        ids=[
            "another topic",
            "a similar topic",
            "no topic",
            "an empty topic",
            "no challenge",
            "no mode",
            "an empty mode",
            "a mode in capitals",
            "another mode",
            "nothing",
            "never asked",
            "removed meanwhile",
            "unsubscribe while pending",
            "unsubscribe while verified",
            "unsubscribe from another topic",
        ],
    )
    def test_what_we_did_not_ask_for_is_unwanted_and_changes_nothing(self, lease, query):
        assert confirm(lease, query, NOW) == (Answer.UNWANTED, {})

    def test_the_end_of_a_removed_lease_is_confirmed(self):
        query = verify(mode="unsubscribe", lease_seconds=None)
        answer, changes = confirm(make_lease("removed"), query, NOW)
        assert (answer, changes) == (Answer.CONFIRMED, {"expires_at": NOW})

    @pytest.mark.parametrize(
        "seconds",
        [None, "", "0", "-1", "1.5", "1e5", "five days", " 86400", "0x10", "²", "9" * 5000],
        ids=lambda value: repr(value)[:20],
    )
    def test_a_lease_of_no_sensible_length_is_unwanted(self, seconds):
        query = verify(lease_seconds=seconds)
        assert confirm(make_lease(), query, NOW) == (Answer.UNWANTED, {})

    @pytest.mark.parametrize(
        ("seconds", "span"),
        [
            ("1", timedelta(seconds=1)),
            ("86400", DAY),
            ("864000", 10 * DAY),
            ("99999999999", 366 * DAY),
        ],
        ids=["a second", "a day", "ten days", "for ever"],
    )
    def test_the_hub_says_how_long_the_lease_is(self, seconds, span):
        _, changes = confirm(make_lease(), verify(lease_seconds=seconds), NOW)
        assert changes["expires_at"] == NOW + span
        assert NOW < changes["renew_at"] < changes["expires_at"]


class TestDenying:
    @pytest.mark.parametrize("topic", [TOPIC, None], ids=["with the topic", "without it"])
    @pytest.mark.parametrize("state", ["pending", "failed", "denied"])
    def test_a_denied_lease_is_asked_for_again_in_an_hour(self, state, topic):
        query = verify(mode="denied", topic=topic, challenge=None, lease_seconds=None)
        answer, changes = confirm(make_lease(state), query, NOW)
        assert answer == Answer.DENIED
        assert changes["state"] == LeaseState.DENIED
        assert changes["renew_at"] == NOW + 60 * MINUTE

    def test_the_hubs_reason_is_kept_for_the_operator(self):
        query = verify(mode="denied", reason=" Restricted topic " + "!" * 500)
        _, changes = confirm(make_lease(), query, NOW)
        assert changes["last_error"].startswith("denied by the hub: Restricted topic !")
        assert len(changes["last_error"]) < 250

    def test_anybody_who_denies_a_valid_lease_does_not_end_it(self):
        lease = make_lease("verified", expires_at=NOW + DAY)
        answer, changes = confirm(lease, verify(mode="denied"), NOW)
        assert answer == Answer.DENIED
        assert set(changes) == {"last_error", "renew_at"}

    def test_a_removed_lease_stays_removed(self):
        """Else it would be asked for again, with nobody who wants it."""
        _, changes = confirm(make_lease("removed"), verify(mode="denied"), NOW)
        assert changes == {}

    def test_another_topic_denied_is_unwanted(self):
        query = verify(mode="denied", topic=OTHER_TOPIC)
        assert confirm(make_lease(), query, NOW) == (Answer.UNWANTED, {})


class TestSignatures:
    BODY = "<feed>あ</feed>".encode()

    def sign(self, method, body=BODY, secret=b"a secret"):
        return f"{method}={hmac.new(secret, body, method).hexdigest()}"

    @pytest.mark.parametrize("method", ["sha1", "sha256", "sha384", "sha512"])
    def test_every_method_of_the_standard_is_understood(self, method):
        header = self.sign(method)
        assert is_signed("a secret", self.BODY, header)
        assert is_signed("a secret", self.BODY, header.upper())
        assert is_signed("a secret", self.BODY, f" {header} ")
        assert not is_signed("a secret", self.BODY, mangle(header))
        assert not is_signed("a secret", self.BODY, header[:-2])
        assert not is_signed("another secret", self.BODY, header)
        assert not is_signed("a secret", self.BODY + b" ", header)

    @pytest.mark.parametrize(
        "header",
        [
            None,
            "",
            "=",
            "sha1",
            "sha1=",
            "=0",
            "sha256=" + hashlib.sha256(BODY).hexdigest(),
            "sha1=" + hmac.new(b"a secret", BODY, "sha256").hexdigest(),
            "md5=" + hmac.new(b"a secret", BODY, "md5").hexdigest(),
            "sha224=" + hmac.new(b"a secret", BODY, "sha224").hexdigest(),
            "sha1=é" + "\xff" * 39,
        ],
        ids=[
            "missing",
            "empty",
            "a sign",
            "no signature",
            "an empty signature",
            "no method",
            "a mere hash",
            "another method's",
            "md5",
            "sha224",
            "no hex",
        ],
    )
    def test_anything_else_is_no_signature(self, header):
        assert not is_signed("a secret", self.BODY, header)
