"""What is wanted after somebody is followed, or no more."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stargazer.commands.targets import Target
from stargazer.commands.wishes import add, is_followed, remove
from stargazer.kinds import USUAL_KINDS
from stargazer.models import EventFilter, Name

AGENCIES = [
    Target(uuid4(), Name(name={"en": f"Agency {n}"}, default_language="en"), is_group=True)
    for n in range(2)
]
MEMBERS = [
    Target(uuid4(), Name(name={"en": f"Member {n}"}, default_language="en"), group)
    for n, group in enumerate([AGENCIES[0].id, AGENCIES[0].id, AGENCIES[1].id, None])
]
TARGETS = [*AGENCIES, *MEMBERS]
ids = st.sampled_from(TARGETS).map(lambda target: target.id)
entities = st.frozensets(st.sampled_from(MEMBERS).map(lambda target: target.id))
wishes = st.builds(
    EventFilter,
    entities=entities,
    groups=st.frozensets(st.sampled_from(AGENCIES).map(lambda target: target.id)),
    without_entities=entities,
    kinds=st.frozensets(st.sampled_from(sorted(USUAL_KINDS))),
)


def list_followed(wish):
    return {target.id for target in TARGETS if is_followed(wish, target)}


@given(wishes, st.sampled_from(TARGETS))
def test_whoever_is_followed_is_followed_and_nobody_is_lost(wish, target):
    after = add(wish, target, TARGETS)
    members = {each.id for each in MEMBERS if each.group == target.id}
    assert list_followed(after) == list_followed(wish) | {target.id} | members
    assert after.kinds == (wish.kinds or USUAL_KINDS)
    assert add(after, target, TARGETS) == after


@given(wishes, st.sampled_from(MEMBERS))
def test_who_is_not_followed_any_more_is_the_only_one(wish, target):
    after = remove(wish, target, TARGETS)
    assert list_followed(after) == list_followed(wish) - {target.id}
    assert remove(after, target, TARGETS) == after


@given(wishes, st.sampled_from(AGENCIES))
def test_an_agency_that_is_not_followed_any_more_leaves_who_was_chosen(wish, agency):
    after = remove(wish, agency, TARGETS)
    assert after.groups == wish.groups - {agency.id}
    assert after.entities == wish.entities
    for member in MEMBERS:
        if member.group == agency.id:
            assert is_followed(after, member) == (member.id in wish.entities)


@pytest.mark.parametrize("target", [MEMBERS[0], AGENCIES[0]], ids=["member", "agency"])
def test_what_was_followed_and_given_up_leaves_nothing_behind(target):
    begun = EventFilter(kinds=USUAL_KINDS)
    assert remove(add(begun, target, TARGETS), target, TARGETS) == begun
