"""Who is asked for which conversation, and what time alone brings about."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from steward.desk.conversation import (
    COMPLAINT,
    ORDINARY,
    SAFETY,
    Aged,
    Conversation,
    Deferred,
    OfferLapsed,
    State,
)
from steward.desk.queue.routing import Member, Presence, Rules, due, needed_skills, next_due, offers

SECOND, MINUTE = 1000, 60_000
NOW = 100 * MINUTE
RULES = Rules(routing="offer", longest_wait_minutes=20)
ALEX = Member("alex", "Alex", presence=Presence.ONLINE, capacity=2, worked_at=50)
SAM = Member("sam", "Sam", presence=Presence.ONLINE, capacity=2, worked_at=40)


def queued(name: str = "c", waited: int = SECOND, **changes: Any) -> Conversation:
    values: dict[str, Any] = {
        "state": State.QUEUED,
        "epoch": 1,
        "reason": "customer_asked",
        "priority": ORDINARY,
    } | changes
    return Conversation(name, queued_at=NOW - waited, **values)


def asked(*waiting: Conversation, team=(ALEX, SAM), rules: Rules = RULES) -> dict[str, str]:
    return {step.conversation_id: step.event.agent_id for step in offers(waiting, team, rules, NOW)}


def happened(conversation: Conversation, *, staffed: bool = True) -> list[type]:
    return [type(step.event) for step in due([conversation], RULES, NOW, staffed=staffed)]


def test_who_has_been_idle_longest_is_asked_first():
    assert asked(queued()) == {"c": "sam"}
    assert asked(queued(), team=(ALEX, replace(SAM, worked_at=60))) == {"c": "alex"}


def test_an_offer_stands_as_long_as_the_rules_say():
    (step,) = offers([queued()], [ALEX], replace(RULES, offer_seconds=45), NOW)
    assert (step.event.at, step.event.until, step.event.epoch) == (NOW, NOW + 45 * SECOND, 1)


def test_nobody_is_asked_beyond_their_capacity_or_while_they_are_not_there():
    four = [queued(name, waited) for waited, name in enumerate("dcba")]
    assert asked(*four, queued("e", 9), team=(replace(ALEX, load=1), SAM)) == {
        "e": "sam",
        "a": "alex",
        "b": "sam",
    }
    for absent in (Presence.AWAY, Presence.OFFLINE):
        assert asked(queued(), team=(replace(ALEX, presence=absent),)) == {}
    assert asked(queued(), team=()) == {}


def test_the_most_urgent_is_offered_first_then_the_longest_waiting():
    one = (replace(ALEX, capacity=1),)
    ordinary, complaint = queued("o", 9 * SECOND), queued("c", 5 * SECOND, priority=COMPLAINT)
    safety = queued("s", priority=SAFETY)
    assert asked(ordinary, complaint, safety, team=one) == {"s": "alex"}
    assert asked(ordinary, complaint, team=one) == {"c": "alex"}
    assert asked(ordinary, queued("later"), team=one) == {"o": "alex"}


def test_people_choose_for_themselves_where_the_queue_is_manual():
    assert asked(queued(), rules=Rules()) == {}


def test_a_skill_is_waited_for_while_somebody_who_has_it_is_there():
    gas = replace(SAM, skills=frozenset({"gas"}))
    assert asked(queued(skill="gas"), team=(replace(ALEX, worked_at=1), gas)) == {"c": "sam"}
    busy = replace(gas, load=2)
    assert asked(queued(skill="gas"), team=(ALEX, busy)) == {}
    assert asked(queued(skill="gas"), team=(ALEX, replace(gas, presence=Presence.AWAY))) == {}


def test_what_waits_for_a_skill_does_not_hold_up_the_others():
    busy = replace(SAM, skills=frozenset({"gas"}), load=2)
    assert asked(queued("g", 9 * SECOND, skill="gas"), queued("o"), team=(ALEX, busy)) == {"o": "alex"}


def test_a_skill_that_nobody_has_or_nobody_there_has_keeps_nobody_waiting():
    assert asked(queued(skill="gas"), team=(ALEX,)) == {"c": "alex"}
    gone = replace(SAM, skills=frozenset({"gas"}), presence=Presence.OFFLINE)
    assert asked(queued(skill="gas"), team=(ALEX, gone)) == {"c": "alex"}


def test_after_a_while_anybody_may_come_though_who_knows_goes_first():
    busy = replace(SAM, skills=frozenset({"gas"}), load=2)
    assert asked(queued(skill="gas", waited=RULES.widens_after), team=(ALEX, busy)) == {"c": "alex"}
    free = replace(busy, load=0, worked_at=99)
    assert asked(queued(skill="gas", waited=RULES.widens_after), team=(ALEX, free)) == {"c": "sam"}


def test_the_person_whom_it_was_passed_to_is_asked_first_even_in_a_manual_queue():
    for rules in (RULES, Rules()):
        assert asked(queued(wanted_agent_id="alex"), rules=rules) == {"c": "alex"}
        busy = (replace(ALEX, load=2), SAM)
        assert asked(queued(wanted_agent_id="alex"), team=busy, rules=rules) == {}


def test_a_colleague_comes_when_the_person_wanted_is_not_there_or_too_busy_for_too_long():
    gone = (replace(ALEX, presence=Presence.OFFLINE), SAM)
    assert asked(queued(wanted_agent_id="alex"), team=gone) == {"c": "sam"}
    busy = (replace(ALEX, load=2), SAM)
    assert asked(queued(wanted_agent_id="alex", waited=RULES.widens_after), team=busy) == {"c": "sam"}
    assert asked(queued(wanted_agent_id="left the company")) == {"c": "sam"}


def test_who_let_an_offer_go_is_not_asked_for_it_again_at_once():
    declined = queued(declined={"sam": NOW - SECOND})
    assert asked(declined) == {"c": "alex"}
    assert asked(declined, team=(SAM,)) == {}
    assert asked(queued(declined={"sam": NOW - RULES.declined_for}), team=(SAM,)) == {"c": "sam"}


def test_what_is_offered_already_is_not_offered_again():
    assert asked(queued(state=State.OFFERED, agent_id="alex", offer_until=NOW + 1)) == {}


def test_an_offer_lapses_at_its_time():
    offered = queued(state=State.OFFERED, agent_id="alex", offer_until=NOW)
    assert happened(offered) == [OfferLapsed]
    assert happened(replace(offered, offer_until=NOW + 1)) == []
    long_ago = replace(offered, queued_at=NOW - RULES.longest_wait)
    assert happened(long_ago) == [OfferLapsed, Deferred]
    assert happened(replace(long_ago, offer_until=NOW + 1)) == []


def test_a_long_wait_gains_urgency_once_and_the_longest_is_put_off():
    assert happened(queued(waited=RULES.ages_after - 1)) == []
    assert happened(queued(waited=RULES.ages_after)) == [Aged]
    assert happened(queued(waited=RULES.ages_after, priority=COMPLAINT)) == []
    assert happened(queued(waited=RULES.longest_wait)) == [Deferred]


def test_who_waits_when_nobody_will_come_any_more_is_put_off():
    assert happened(queued(), staffed=False) == [Deferred]


def test_a_topic_needs_the_skill_that_the_rules_name_or_that_is_named_like_it():
    team = [replace(ALEX, skills=frozenset({"gas", "installation"}))]
    rules = Rules(skills={"safety": "gas", "complaint": "law"})
    assert needed_skills(rules, team) == {"gas": "gas", "installation": "installation", "safety": "gas"}


WAITING = st.builds(
    queued,
    name=st.uuids().map(str),
    waited=st.integers(0, 2 * RULES.longest_wait),
    priority=st.sampled_from([SAFETY, COMPLAINT, ORDINARY]),
    skill=st.sampled_from([None, "gas", "law"]),
    wanted_agent_id=st.sampled_from([None, "a", "b"]),
    declined=st.dictionaries(st.sampled_from("abc"), st.integers(NOW - 5 * MINUTE, NOW), max_size=3),
)
TEAM = st.tuples(
    *(
        st.builds(
            Member,
            id=st.just(name),
            name=st.just(name),
            presence=st.sampled_from(Presence),
            skills=st.frozensets(st.sampled_from(["gas", "law"])),
            capacity=st.integers(0, 3),
            load=st.integers(0, 4),
            worked_at=st.integers(0, 3),
        )
        for name in "abc"
    )
)


@given(st.lists(WAITING, max_size=8), TEAM)
def test_no_plan_asks_too_much_of_anybody_or_for_the_same_twice(waiting, team):
    steps = offers(waiting, team, RULES, NOW)
    assert len({step.conversation_id for step in steps}) == len(steps)
    conversations = {one.id: one for one in waiting}
    for member in team:
        got = [conversations[step.conversation_id] for step in steps if step.event.agent_id == member.id]
        assert not got or member.presence is Presence.ONLINE
        assert not got or member.load + len(got) <= member.capacity
        assert all(NOW - one.declined.get(member.id, 0) >= RULES.declined_for for one in got)


@given(st.lists(WAITING, max_size=8), TEAM)
def test_the_plan_changes_by_time_alone_only_at_the_moments_that_it_names(waiting, team):
    moment = next_due(waiting, RULES, NOW)
    if moment is None:
        return

    def plan(at: int):
        what = [(step.conversation_id, type(step.event)) for step in due(waiting, RULES, at, staffed=True)]
        return what, [(one.conversation_id, one.event.agent_id) for one in offers(waiting, team, RULES, at)]

    assert moment > NOW
    assert plan(moment - 1) == plan(NOW)
