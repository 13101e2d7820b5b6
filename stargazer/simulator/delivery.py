"""How the hub brings news to its subscribers."""

import hashlib
import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from http import HTTPStatus

import urllib3

from stargazer.simulator.atom import HUB, topic_of
from stargazer.simulator.courier import Courier
from stargazer.simulator.faults import Fault, Faults
from stargazer.simulator.journal import Journal
from stargazer.simulator.nouns import Subscription, fingerprint
from stargazer.simulator.world import World

USER_AGENT = "FeedFetcher-Google; (+http://www.google.com/feedfetcher.html)"
# Unlike a session of requests, this may be shared by threads.
_http = urllib3.PoolManager(
    maxsize=32, timeout=urllib3.Timeout(connect=5.0, read=15.0), retries=False
)


@dataclass(frozen=True)
class News:
    """What every subscriber of a channel is to get.

    :ivar video_id: for the journal; None for a raw push.
    :ivar headers: take the place of the hub's own; a None leaves that header out.
    :ivar retry: whether a subscriber that does not take it is asked again.
    """

    channel_id: str
    body: bytes
    video_id: str | None = None
    headers: Mapping[str, str | None] = field(default_factory=dict)
    retry: bool = True


class Delivery:
    """Posts news to callbacks until each has taken it or the hub's patience has run out."""

    def __init__(self, world: World, faults: Faults, journal: Journal, courier: Courier) -> None:
        self._world = world
        self._faults = faults
        self._journal = journal
        self._courier = courier

    def publish(self, news: News) -> int:
        """Send news to everyone whose lease runs, in the background.

        :returns: how many that is.
        """
        now = time.time()
        subscribers = [
            subscription
            for subscription in self._world.list_subscriptions(news.channel_id)
            if subscription.expires_at > now
        ]
        for subscription in subscribers:
            self._courier.send(partial(self._attempt, news, subscription.key), retry=news.retry)
        return len(subscribers)

    def _attempt(self, news: News, key: tuple[str, str], attempt: int) -> bool:
        """Try once; true when it was taken, or never will be."""
        # A renewal since the last attempt may have changed the secret.
        subscription = self._world.find_subscription(news.channel_id, key)
        if subscription is None or subscription.expires_at <= time.time():
            return True
        fault = self._faults.draw("push")
        if fault is not None:
            time.sleep(fault.delay)
            if fault.duplicate:
                again = partial(self._deliver, news, subscription, None)
                self._courier.send(again, retry=False)
        return self._deliver(news, subscription, fault, attempt)

    def _deliver(
        self, news: News, subscription: Subscription, fault: Fault | None, attempt: int
    ) -> bool:
        at = time.time()
        status = None
        if fault is None or fault.accept or not (fault.drop or fault.status):
            status = self._post(news, subscription)
        if fault is not None and fault.status:
            status = fault.status
        fields = {
            "channel_id": news.channel_id,
            "callback": fingerprint(subscription.callback),
            "video_id": news.video_id,
            "attempt": attempt,
        }
        self._journal.record("push", status, fields, at=at)
        if status == HTTPStatus.GONE:
            self._world.remove_subscription(subscription)
            return True
        is_lost = fault is not None and fault.drop
        return is_lost or is_success(status)

    def _post(self, news: News, subscription: Subscription) -> int | None:
        """Post to one callback and return the status; None when there was no answer."""
        link = f"<{topic_of(news.channel_id)}>; rel=self, <{HUB}>; rel=hub"
        headers: dict[str, str | None] = {
            "Content-Type": "application/atom+xml",
            "User-Agent": USER_AGENT,
            "Link": link,
            "From": "googlebot(at)googlebot.com",
            "Accept-Encoding": "gzip, deflate, br",
        }
        if subscription.secret is not None:
            digest = hmac.new(subscription.secret.encode(), news.body, hashlib.sha1).hexdigest()
            headers["X-Hub-Signature"] = f"sha1={digest}"
        headers |= news.headers
        try:
            answer = _http.request(
                "POST",
                subscription.callback,
                body=news.body,
                headers={name: value for name, value in headers.items() if value is not None},
                redirect=False,
            )
        except urllib3.exceptions.HTTPError:
            return None
        return answer.status


def is_success(status: int | None) -> bool:
    """Whether there was an answer and it is of the 2xx kind."""
    return status is not None and HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def fetch(url: str) -> tuple[int | None, bytes]:
    """Get a callback's answer, as the hub does to verify what was asked in its name.

    :returns: status and body; None and nothing when there was no answer.
    """
    try:
        answer = _http.request("GET", url, headers={"User-Agent": USER_AGENT}, redirect=False)
    except urllib3.exceptions.HTTPError:
        return None, b""
    return answer.status, answer.data
