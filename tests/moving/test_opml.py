"""OPML: what programs that read feeds tell one another."""

import io
from uuid import UUID
from xml.etree import ElementTree as ET

import pytest

from stargazer.models import Entity, Group, Meta, Task
from stargazer.moving import FileError, Outcome, opml
from tests.moving.conftest import CHANNEL, NOW, dump, empty, name, take_over, write

YOUTUBE = "https://www.youtube.com/feeds/videos.xml?channel_id=" + CHANNEL["channel_id"]
FILE = f"""<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0">
  <head><title>My feeds</title></head>
  <body>
    <outline text="VTubers">
      <outline text="Starlight" title="Starlight">
        <outline type="rss" text="そら" xmlUrl="{YOUTUBE}" htmlUrl="https://a.example"/>
        <outline type="rss" text="そら" xmlUrl="https://Blog.example/feed"/>
      </outline>
      <outline type="rss" text="Luna" xmlUrl="https://luna.example/feed?a=1&amp;b=2"/>
    </outline>
    <outline text="Empty"/>
    <outline text="News" TYPE="RSS" XMLURL="feed://old.example/rss"/>
    <outline type="rss" text="Nobody" xmlUrl="https://www.youtube.com/feeds/videos.xml?channel_id=x"/>
    <outline type="rss" xmlUrl="http://nameless.example"/>
    <outline type="rss" text="Again" xmlUrl="https://luna.example/feed?a=1&amp;b=2"/>
  </body>
</opml>
"""


def read(text):
    return opml.read(io.BytesIO(text.encode()), NOW)


def show(contents):
    """Give each Entity: its Group's name, its own, and its accounts."""
    groups = {group.id: group.name.get_in("en") for group in contents.groups}
    return [
        (
            groups.get(entity.meta.group),
            entity.meta.name.get_in("en"),
            [(moved.task.kind, *moved.task.params.values()) for moved in entity.tasks],
        )
        for entity in contents.entities
    ]


def test_folders_are_groups_and_channels_are_watched_as_such():
    contents = read(FILE)
    assert show(contents) == [
        (
            "VTubers / Starlight",
            "そら",
            [("youtube", CHANNEL["channel_id"]), ("feed", "https://blog.example/feed")],
        ),
        ("VTubers", "Luna", [("feed", "https://luna.example/feed?a=1&b=2")]),
        (None, "News", [("feed", "https://old.example/rss")]),
        (None, "nameless.example", [("feed", "http://nameless.example/")]),
    ]
    assert [(each.place, each.is_lost) for each in contents.remarks] == [
        ("line 14, 'Nobody'", True),
        ("line 16, 'Again'", True),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<opml><body>", "line 1: this is no XML"),
        ("<opml>\n<outline></opml>", "line 2: this is no XML: mismatched tag"),
        ("<rss/>", "this is no OPML"),
        (
            '<!DOCTYPE o [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><opml>&b;</opml>',
            "declares a document type",
        ),
        ('<!DOCTYPE o SYSTEM "file:///etc/passwd"><opml/>', "declares a document type"),
        ("<opml>" + '<outline text="a">' * 60 + "</opml>", "more than 50 deep"),
    ],
    ids=["cut off", "mismatched", "rss", "entities", "an external one", "deep"],
)
def test_a_wrong_file_is_named_with_its_line(text, said):
    with pytest.raises(FileError) as caught:
        read(text)
    assert said in str(caught.value)


def test_what_is_written_is_read_again(store, context):
    group = Group(name=name("Star & <Light>"))
    store.groups.save(group)
    accounts = {"feed": {"url": "https://a.example/?a=1&b=%22"}, "youtube": CHANNEL}
    for number, (kind, params) in enumerate(accounts.items()):
        meta = Meta(name=name(f'"{kind}" \x0b&'), group=group.id if number else None)
        entity = Entity(meta=meta)
        store.entities.save(entity)
        store.tasks.save(Task(entity=entity.id, kind=kind, params=params))
    other = Entity(meta=Meta(name=name("No feed")))
    store.entities.save(other)
    store.tasks.save(Task(entity=other.id, kind="twitch", params={"login": "abc"}))
    text = write(store, "opml")
    assert text == write(store, "opml")
    assert len(ET.fromstring(text).findall(".//outline[@xmlUrl]")) == 2
    assert {each.outcome for each in take_over(context, text)} == {Outcome.SAME}
    empty(store)
    take_over(context, text)
    assert write(store, "opml").count("xmlUrl") == 2
    shown = show(read(write(store, "opml")))
    assert ("Star & <Light>", '"youtube" &', [("youtube", CHANNEL["channel_id"])]) in shown


def test_twice_is_as_good_as_once_and_a_group_is_known_by_its_name(store, context):
    group = Group(name=name("VTubers"))
    store.groups.save(group)
    assert Outcome.ADDED in {each.outcome for each in take_over(context, FILE)}
    luna = [each for each in store.entities.list_all() if each.meta.name.get_in("en") == "Luna"]
    assert [each.meta.group for each in luna] == [group.id]
    assert len(list(store.groups.list_all())) == 2
    before = dump(store)
    said = {each.outcome for each in take_over(context, FILE)}
    assert said == {Outcome.SAME, Outcome.SKIPPED}
    assert dump(store) == before


def test_ids_follow_from_names():
    assert [each.id for each in read(FILE).entities] == [each.id for each in read(FILE).entities]
    assert len({each.id for each in read(FILE).entities}) == 4
    assert all(isinstance(each.id, UUID) for each in read(FILE).groups)
