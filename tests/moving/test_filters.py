"""Two wishes made one: who heard something hears it still, and what was added is heard, too."""

from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st

from stargazer.models import EventFilter, Rule
from stargazer.moving.filters import leave_out, rename, unite

IDS = [UUID(int=number) for number in range(1, 7)]
GROUPS = [UUID(int=number) for number in range(11, 14)]
#: Two Entities in each Group.
MEMBERS = {entity: GROUPS[position // 2] for position, entity in enumerate(IDS)}
A, B, C = "youtube/live_start", "youtube/new_video", "twitter/new_tweet"

kinds = st.frozensets(st.sampled_from([A, B, C]))
entities = st.frozensets(st.sampled_from(IDS))
wishes = st.builds(
    EventFilter,
    entities=entities,
    groups=st.frozensets(st.sampled_from(GROUPS)),
    without_entities=entities,
    kinds=kinds,
    kinds_by_entity=st.dictionaries(st.sampled_from(IDS), kinds),
    rules=st.lists(
        st.builds(
            Rule,
            kinds=kinds,
            entities=entities,
            any_of=st.just(("word",)),
            media=st.none(),
            shorts=st.none(),
        ),
        max_size=2,
    ).map(tuple),
)


def get_kinds(wish, entity):
    return wish.get_kinds(entity, MEMBERS[entity])


def list_obstacles(wish, entity):
    return [rule for rule in wish.rules if not rule.entities or entity in rule.entities]


@settings(max_examples=40, deadline=None)
@given(wishes, wishes)
def test_nothing_that_was_heard_is_lost(present, more):
    united = unite(present, more, MEMBERS.get).wish
    for entity in IDS:
        assert get_kinds(united, entity) >= get_kinds(present, entity)
        if get_kinds(present, entity) and (present.entities or present.groups):
            assert list_obstacles(united, entity) == list_obstacles(present, entity)


@settings(max_examples=40, deadline=None)
@given(wishes, wishes)
def test_whom_the_file_names_is_heard_with_its_kinds(present, more):
    united = unite(present, more, MEMBERS.get).wish
    for entity in more.entities:
        assert get_kinds(united, entity) >= get_kinds(more, entity)
    assert united.groups >= more.groups


@settings(max_examples=40, deadline=None)
@given(wishes, wishes)
def test_nobody_else_is_heard(present, more):
    united = unite(present, more, MEMBERS.get)
    for entity in IDS:
        both = get_kinds(present, entity) | get_kinds(more, entity)
        if not (present.groups and more.groups):
            assert get_kinds(united.wish, entity) <= both


@settings(max_examples=40, deadline=None)
@given(wishes, wishes)
def test_twice_is_as_good_as_once(present, more):
    once = unite(present, more, MEMBERS.get).wish
    assert unite(once, more, MEMBERS.get).wish == once


def test_kinds_of_groups_that_cannot_be_had_are_named():
    present = EventFilter(groups=frozenset(GROUPS[:1]), kinds=frozenset({A}))
    more = EventFilter(groups=frozenset(GROUPS[1:]), kinds=frozenset({A, B}))
    united = unite(present, more, MEMBERS.get)
    assert united.wish.groups == frozenset(GROUPS)
    assert united.remarks == (f"of its groups it does not hear {B}, as until now",)


def test_a_rule_holds_for_those_alone_who_come_with_it():
    rule = Rule(none_of=("spoiler",))
    present = EventFilter(entities=frozenset(IDS[:2]), kinds=frozenset({A}))
    more = EventFilter(entities=frozenset(IDS[1:3]), kinds=frozenset({A}), rules=(rule,))
    [made] = unite(present, more, MEMBERS.get).wish.rules
    assert made == rule.model_copy(update={"entities": frozenset({IDS[2]})})


def test_two_that_become_one_are_heard_with_the_kinds_of_both():
    wish = EventFilter(
        entities=frozenset(IDS[:2]),
        kinds_by_entity={IDS[0]: frozenset({A}), IDS[1]: frozenset({B})},
    )
    renamed = rename(wish, {IDS[0]: IDS[5], IDS[1]: IDS[5]})
    assert renamed.entities == {IDS[5]}
    assert renamed.kinds_by_entity == {IDS[5]: frozenset({A, B})}


def test_who_is_nowhere_is_left_out():
    wish = EventFilter(
        entities=frozenset(IDS[:2]),
        groups=frozenset(GROUPS[:2]),
        rules=(Rule(entities=frozenset(IDS[:1]), none_of=("x",)),),
    )
    left = leave_out(wish, IDS[:1], GROUPS[:1])
    assert left == EventFilter(entities=frozenset(IDS[1:2]), groups=frozenset(GROUPS[1:2]))
