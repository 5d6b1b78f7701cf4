"""A promise is part of the conversation: made when nobody can come, kept by the first answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from steward.desk.conversation import (
    Accepted,
    AgentWrote,
    Cancelled,
    Conversation,
    Deferred,
    Duty,
    Ended,
    HandoffAsked,
    Offered,
    Promised,
    PromiseKept,
    Resolved,
    State,
    step,
)
from steward.errors import ConversationError

DUE, WHEN = 5_000, "by Monday, 13:00"
AWAY = Duty(staffed=False, due_at=DUE, when=WHEN)


def put_off() -> Conversation:
    return step(Conversation("id"), HandoffAsked(1, duty=AWAY)).after


def with_agent() -> Conversation:
    deferred = put_off()
    return step(deferred, Accepted(2, deferred.epoch, "lena", "Lena")).after


def test_who_asks_for_a_person_while_nobody_is_there_is_told_until_when_they_hear() -> None:
    outcome = step(Conversation("id"), HandoffAsked(1, duty=AWAY))
    assert (outcome.after.state, outcome.after.due_at) == (State.DEFERRED, DUE)
    (message,) = outcome.messages
    assert (message.draft.word, message.draft.values) == ("utter_desk_deferred", {"when": WHEN})


def test_who_has_waited_too_long_is_told_the_same() -> None:
    queued = step(Conversation("id"), HandoffAsked(1)).after
    assert queued.due_at is None
    outcome = step(queued, Deferred(2, queued.epoch, DUE, WHEN))
    assert (outcome.after.state, outcome.after.due_at) == (State.DEFERRED, DUE)
    assert outcome.messages[0].draft.values == {"when": WHEN}


@pytest.mark.parametrize("state", ["bot", "queued", "offered", "deferred"])
def test_a_contact_can_be_left_from_wherever_no_person_answers_yet(state: str) -> None:
    now = Conversation("id")
    if state != "bot":
        now = step(now, HandoffAsked(1)).after
    if state == "offered":
        now = step(now, Offered(2, now.epoch, "lena", 99)).after
    if state == "deferred":
        now = put_off()
    outcome = step(now, Promised(3, 7_000, "by Tuesday", "robin@example.org"))
    after = outcome.after
    assert (after.state, after.due_at, after.agent_id, after.offer_until) == (
        State.DEFERRED,
        7_000,
        None,
        None,
    )
    assert after.reason == "customer_asked"
    assert outcome.messages[-1].draft.values == {"when": "by Tuesday", "contact": "robin@example.org"}


def test_with_a_person_there_is_nothing_to_promise() -> None:
    with pytest.raises(ConversationError) as refused:
        step(with_agent(), Promised(3, 7_000, "by Tuesday", "robin@example.org"))
    assert refused.value.code == "taken"


def test_the_promise_stays_with_the_agent_until_the_first_answer() -> None:
    agent = with_agent()
    assert agent.due_at == DUE
    answered = step(agent, AgentWrote(3, "lena", "Lena", "Here you are.")).after
    assert answered.due_at is None


def test_only_the_conversations_agent_can_say_that_it_was_kept_otherwise() -> None:
    agent = with_agent()
    with pytest.raises(ConversationError):
        step(agent, PromiseKept(3, agent.epoch, "sam"))
    with pytest.raises(ConversationError):
        step(agent, PromiseKept(3, agent.epoch - 1, "lena"))
    kept = step(agent, PromiseKept(3, agent.epoch, "lena"))
    assert kept.after.due_at is None and not kept.messages
    assert step(kept.after, PromiseKept(4, agent.epoch, "lena")).changed is False


def test_going_back_to_the_assistant_or_ending_takes_the_promise_back() -> None:
    for event in (Cancelled(3), Ended(3)):
        assert step(put_off(), event).after.due_at is None
    agent = with_agent()
    assert step(agent, Resolved(3, agent.epoch, "lena")).after.due_at is None


def test_a_closed_conversation_takes_a_contact_within_the_reopen_window_only() -> None:
    closed = step(put_off(), Ended(10)).after
    event = Promised(20, 7_000, "by Tuesday", "robin@example.org", reopen_for=15)
    assert step(closed, event).after.state is State.DEFERRED
    with pytest.raises(ConversationError):
        step(closed, replace(event, at=26))
