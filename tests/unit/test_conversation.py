"""What each event does to a conversation, case by case."""

from __future__ import annotations

from dataclasses import replace

import pytest

from steward.desk.conversation import (
    Accepted,
    AgentWrote,
    BotFailed,
    BotReplied,
    Cancelled,
    Conversation,
    CustomerWrote,
    Deferred,
    Draft,
    Ended,
    Handoff,
    HandoffAsked,
    Offered,
    OfferLapsed,
    Outcome,
    Owner,
    Resolved,
    Returned,
    State,
    TookOver,
    step,
)
from steward.errors import ConversationError

NEW = Conversation("c")
HOUR = 3_600_000
ALEX, SAM = "agent-alex", "agent-sam"


def after(*events, start: Conversation = NEW) -> Conversation:
    for event in events:
        start = step(start, event).after
    return start


def said(outcome: Outcome) -> list[str]:
    return [message.draft.word or message.draft.text for message in outcome.messages]


def refused(conversation: Conversation, event) -> str:
    with pytest.raises(ConversationError) as refusal:
        step(conversation, event)
    return refusal.value.code


ASKED = after(CustomerWrote(1, "What does the Rill 300 cost?"))
QUEUED = after(HandoffAsked(2), start=ASKED)
TAKEN = after(Accepted(3, QUEUED.epoch, ALEX, "Alex"), start=QUEUED)
CLOSED = after(Resolved(4, TAKEN.epoch, ALEX), start=TAKEN)


def test_a_customer_message_is_put_to_the_bot_while_the_bot_owns_the_conversation():
    outcome = step(NEW, CustomerWrote(1, "Hello"))
    assert outcome.ask_bot
    assert (outcome.after.seq, outcome.after.epoch, outcome.after.owner) == (1, 0, Owner.BOT)


def test_a_reply_answers_its_message_and_keeps_the_owner():
    outcome = step(ASKED, BotReplied(2, 0, 1, (Draft("bot", "249 euros."),)))
    assert [message.draft.reply_to for message in outcome.messages] == [1]
    assert (outcome.after.answered_seq, outcome.after.epoch) == (1, 0)


def test_a_reply_with_a_handoff_says_so_and_queues_in_one_outcome():
    handoff = Handoff("safety", "Smells gas", {"topic": "safety", "skus": ["EM-200"], "confidence": 1})
    outcome = step(ASKED, BotReplied(2, 0, 1, (Draft("bot", "Leave the house."),), handoff))
    assert said(outcome) == ["Leave the house.", "utter_desk_queued"]
    assert outcome.after.state is State.QUEUED
    assert (outcome.after.epoch, outcome.after.priority, outcome.after.reason) == (1, 0, "safety")
    assert (outcome.after.skus, outcome.after.queued_at) == (("EM-200",), 2)


def test_safety_goes_before_complaints_and_complaints_before_the_rest():
    def priority(reason: str) -> int:
        reply = BotReplied(2, 0, 1, (Draft("bot", "..."),), Handoff(reason))
        return step(ASKED, reply).after.priority

    assert priority("safety") < priority("complaint") < priority("customer_asked") == priority("bot_error")


def test_a_failed_bot_tells_the_customer_and_queues():
    outcome = step(ASKED, BotFailed(2, 0, 1))
    assert said(outcome) == ["utter_bot_error"]
    assert (outcome.messages[0].draft.meta or {})["act"] == "handoff"
    assert (outcome.after.state, outcome.after.reason) == (State.QUEUED, "bot_error")


def test_a_reply_that_arrives_after_takeover_is_refused():
    taken = after(TookOver(2, 0, ALEX, "Alex"), start=ASKED)
    assert refused(taken, BotReplied(3, 0, 1, (Draft("bot", "249 euros."),))) == "stale"
    assert refused(taken, BotFailed(3, 0, 1)) == "stale"


def test_a_reply_given_twice_is_refused_the_second_time():
    answered = after(BotReplied(2, 0, 1, (Draft("bot", "249 euros."),)), start=ASKED)
    assert refused(answered, BotReplied(3, 0, 1, (Draft("bot", "249 euros."),))) == "stale"


def test_what_was_asked_before_a_change_of_owner_is_not_answered_after_it():
    back = after(Cancelled(3), start=QUEUED)
    assert refused(back, BotReplied(4, back.epoch, 1, (Draft("bot", "249 euros."),))) == "stale"


def test_a_waiting_customer_writes_to_the_person_not_to_the_bot():
    outcome = step(QUEUED, CustomerWrote(3, "Anyone there?"))
    assert not outcome.ask_bot
    assert outcome.after.unread == 1


def test_accepting_joins_the_agent_by_name():
    outcome = step(QUEUED, Accepted(3, QUEUED.epoch, ALEX, "Alex"))
    assert said(outcome) == ["utter_desk_joined"]
    assert outcome.messages[0].draft.values == {"agent": "Alex"}
    assert (outcome.after.state, outcome.after.agent_id) == (State.AGENT, ALEX)


def test_the_second_agent_to_accept_is_told_that_it_is_taken():
    assert refused(TAKEN, Accepted(4, QUEUED.epoch, SAM, "Sam")) == "taken"
    assert refused(TAKEN, TookOver(4, TAKEN.epoch, SAM, "Sam")) == "taken"


def test_accepting_twice_changes_nothing():
    assert not step(TAKEN, Accepted(4, QUEUED.epoch, ALEX, "Alex")).changed


def test_accepting_under_an_old_epoch_is_refused():
    again = after(Cancelled(3), HandoffAsked(4), start=QUEUED)
    assert refused(again, Accepted(5, QUEUED.epoch, ALEX, "Alex")) == "stale"
    assert refused(ASKED, Accepted(5, ASKED.epoch, ALEX, "Alex")) == "stale"


def test_taking_over_from_the_bot_gives_that_as_the_reason():
    taken = after(TookOver(2, 0, ALEX, "Alex"), start=ASKED)
    assert (taken.state, taken.reason, taken.epoch) == (State.AGENT, "takeover", 1)


def test_taking_over_from_the_queue_keeps_the_reason():
    assert after(TookOver(3, QUEUED.epoch, ALEX, "Alex"), start=QUEUED).reason == "customer_asked"


@pytest.mark.parametrize("conversation", [ASKED, QUEUED, CLOSED])
def test_only_the_owner_answers_returns_or_resolves(conversation):
    epoch = conversation.epoch
    for event in (
        AgentWrote(5, ALEX, "Alex", "Hello"),
        Returned(5, epoch, ALEX),
        Resolved(5, epoch, ALEX),
    ):
        assert refused(conversation, event) == "not_owner"
    assert refused(TAKEN, AgentWrote(5, SAM, "Sam", "Hello")) == "not_owner"


def test_returning_gives_the_conversation_to_the_bot_and_forgets_the_handoff():
    outcome = step(TAKEN, Returned(4, TAKEN.epoch, ALEX))
    assert said(outcome) == ["utter_desk_returned"]
    assert (outcome.after.owner, outcome.after.reason, outcome.after.agent_id) == (Owner.BOT, None, None)


@pytest.mark.parametrize("conversation", [QUEUED, TAKEN])
def test_the_customer_may_always_go_on_with_the_bot(conversation):
    outcome = step(conversation, Cancelled(5))
    assert said(outcome) == ["utter_desk_cancelled"]
    assert (outcome.after.owner, outcome.after.epoch) == (Owner.BOT, conversation.epoch + 1)


@pytest.mark.parametrize("conversation", [ASKED, QUEUED, TAKEN])
def test_the_customer_may_always_end(conversation):
    outcome = step(conversation, Ended(5))
    assert said(outcome) == ["utter_desk_ended"]
    assert outcome.after.owner is Owner.NOBODY
    assert not step(outcome.after, Ended(6)).changed


def test_asking_again_for_a_person_changes_nothing():
    assert not step(QUEUED, HandoffAsked(3)).changed
    assert not step(TAKEN, HandoffAsked(4)).changed


def test_writing_to_a_resolved_conversation_reopens_it_with_the_bot():
    outcome = step(CLOSED, CustomerWrote(5, "One more thing", reopen_for=HOUR))
    assert outcome.ask_bot
    assert (outcome.after.owner, outcome.after.epoch) == (Owner.BOT, CLOSED.epoch + 1)
    assert outcome.after.answered_seq < outcome.after.customer_seq


def test_writing_to_a_resolved_conversation_waits_for_its_agent_if_there():
    outcome = step(CLOSED, CustomerWrote(5, "One more thing", reopen_for=HOUR, last_agent_online=True))
    assert said(outcome) == ["One more thing", "utter_desk_queued"]
    assert (outcome.after.state, outcome.after.last_agent_id) == (State.QUEUED, ALEX)
    assert not outcome.ask_bot


def test_an_agent_reopens_a_resolved_conversation_by_taking_it_over():
    reopened = step(CLOSED, TookOver(HOUR, CLOSED.epoch, SAM, "Sam")).after
    assert (reopened.state, reopened.agent_id, reopened.resolved_at) == (State.AGENT, SAM, None)
    assert reopened.reason == CLOSED.reason


def test_a_resolved_conversation_stays_closed_after_the_window():
    late = (CLOSED.resolved_at or 0) + HOUR + 1
    for event in (CustomerWrote(late, "Hello?", reopen_for=HOUR), HandoffAsked(late, HOUR), Cancelled(late)):
        assert refused(CLOSED, event) == "conversation_closed"


def test_an_offer_keeps_the_place_in_the_queue_whatever_becomes_of_it():
    offered = after(Offered(3, QUEUED.epoch, ALEX), start=QUEUED)
    assert (offered.state, offered.owner, offered.agent_id) == (State.OFFERED, Owner.QUEUE, ALEX)
    lapsed = after(OfferLapsed(4, offered.epoch), start=offered)
    assert replace(lapsed, updated_at=QUEUED.updated_at) == QUEUED
    assert after(Accepted(4, offered.epoch, SAM, "Sam"), start=offered).agent_id == SAM


def test_a_deferred_conversation_is_picked_up_later():
    deferred = after(Deferred(3, QUEUED.epoch), start=QUEUED)
    assert (deferred.owner, deferred.waiting) == (Owner.QUEUE, False)
    assert after(Accepted(9, deferred.epoch, SAM, "Sam"), start=deferred).owner is Owner.AGENT


def test_an_offer_for_what_does_not_wait_is_refused():
    assert refused(TAKEN, Offered(5, TAKEN.epoch, SAM)) == "stale"
    assert refused(QUEUED, OfferLapsed(5, QUEUED.epoch)) == "stale"
    assert refused(ASKED, Deferred(5, ASKED.epoch)) == "stale"


def test_system_messages_get_their_words_from_outside():
    def say(name: str, **values: str) -> str:
        return f"{name} {values}"

    outcome = step(QUEUED, Accepted(3, QUEUED.epoch, ALEX, "Alex")).worded(say)
    assert outcome.messages[0].draft.text == "utter_desk_joined {'agent': 'Alex'}"
    assert outcome.messages[0].draft.word is None
