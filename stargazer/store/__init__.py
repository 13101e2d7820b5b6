"""All that lives in MongoDB: one file per collection, and the connection here."""

from collections.abc import Iterator
from functools import partial
from urllib.parse import urlsplit

import pymongo
from bson.binary import UuidRepresentation
from bson.codec_options import CodecOptions
from pymongo.database import Database

from stargazer.keyring import Keyring
from stargazer.models import Group, Login, Session
from stargazer.settings import Settings
from stargazer.store.accounts import Accounts
from stargazer.store.alarms import Alarms
from stargazer.store.broadcasts import Broadcasts
from stargazer.store.dead_letters import DeadLetters
from stargazer.store.delayed import Delayed
from stargazer.store.deliveries import Deliveries
from stargazer.store.documents import Document, Documents
from stargazer.store.drained import Drained
from stargazer.store.entities import Entities
from stargazer.store.events import Events
from stargazer.store.glossaries import Glossaries
from stargazer.store.guesses import Guesses
from stargazer.store.inbox import Inbox
from stargazer.store.leases import Leases
from stargazer.store.memories import Memories
from stargazer.store.meters import Meters
from stargazer.store.platforms import Platforms
from stargazer.store.pushes import Pushes
from stargazer.store.revisions import Revisions
from stargazer.store.subscriptions import Subscriptions
from stargazer.store.tasks import Tasks
from stargazer.store.tokens import Tokens
from stargazer.store.translations import Translations
from stargazer.store.users import Users

DEFAULT_DATABASE = "stargazer"
#: The revisions of Entities, Groups and Tasks, and of Users with what they subscribe to.
WATCHED, SUBSCRIBED = "watched", "subscribed"


class Store:
    """The database, collection by collection.

    :param patience_ms: how long an operation may wait for the server: short where somebody waits
        for an answer, longer in a worker.
    """

    def __init__(self, settings: Settings, patience_ms: int = 5000) -> None:
        self.client: pymongo.MongoClient[Document] = pymongo.MongoClient(
            settings.mongo_url,
            appname="stargazer",
            serverSelectionTimeoutMS=patience_ms,
            connectTimeoutMS=patience_ms,
            socketTimeoutMS=patience_ms * 4 if patience_ms > 2000 else patience_ms,  # noqa: PLR2004 - a worker's bulk write may take longer than its connect
            connect=False,
        )
        name = urlsplit(settings.mongo_url).path.strip("/") or DEFAULT_DATABASE
        options: CodecOptions[Document] = CodecOptions(
            tz_aware=True, uuid_representation=UuidRepresentation.STANDARD
        )
        self.database: Database[Document] = self.client.get_database(name, codec_options=options)
        database = self.database
        self.revisions = Revisions(database["revisions"])
        watched = partial(self.revisions.advance, WATCHED)
        subscribed = partial(self.revisions.advance, SUBSCRIBED)

        def moved() -> None:
            # Who is told of an Entity depends on its Group.
            watched()
            subscribed()

        self.entities = Entities(database["entities"], moved)
        self.groups = Documents(Group, database["groups"], watched)
        self.tasks = Tasks(database["tasks"], watched)
        self.users = Users(database["users"], subscribed, Keyring(settings.secret_key))
        self.subscriptions = Subscriptions(database["subscriptions"], subscribed)
        self.sessions = Tokens(Session, database["sessions"])
        self.logins = Tokens(Login, database["logins"])
        self.accounts = Accounts(database["auth"])
        self.guesses = Guesses(database["guesses"])
        self.events = Events(database["events"])
        self.broadcasts = Broadcasts(database["broadcasts"])
        self.deliveries = Deliveries(database["deliveries"])
        self.inbox = Inbox(database["inbox"])
        self.pushes = Pushes(database["pushes"])
        self.drained = Drained(database["drained"])
        self.dead_letters = DeadLetters(database["dead_letters"])
        self.delayed = Delayed(database["delayed"])
        self.leases = Leases(database["leases"])
        self.memories = Memories(database["memories"])
        self.platforms = Platforms(database["platforms"])
        self.alarms = Alarms(database["alarms"])
        self.translations = Translations(database["translations"])
        self.meters = Meters(database["meters"])
        self.glossaries = Glossaries(database["glossaries"])

    def ping(self) -> None:
        """Ask for an answer.

        :raises pymongo.errors.PyMongoError: when there is none.
        """
        self.database.command("ping")

    def create_indexes(self) -> Iterator[str]:
        """Create the indexes that are missing.

        :returns: their names, each when it is there.
        """
        is_old = "is_paused_1" not in self.users.collection.index_information()
        for collection in (
            self.tasks,
            self.users,
            self.subscriptions,
            self.sessions,
            self.events,
            self.broadcasts,
            self.deliveries,
            self.inbox,
            self.pushes,
            self.delayed,
            self.dead_letters,
            self.leases,
            self.memories,
            self.translations,
        ):
            for field in collection.indexed:
                name = collection.collection.create_index(field)
                yield f"{collection.collection.name}.{name}"
        if is_old:
            self.users.mark_paused()

    def close(self) -> None:
        """Give the connections back."""
        self.client.close()
