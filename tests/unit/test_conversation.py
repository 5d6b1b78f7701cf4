"""What each event does to a conversation, case by case."""

from __future__ import annotations

from dataclasses import replace

import pytest

from steward.desk.conversation import (
    COMPLAINT,
    INTERRUPTED,
    SAFETY,
    Accepted,
    Aged,
    AgentLost,
    AgentWrote,
    BotFailed,
    BotReplied,
    Cancelled,
    Conversation,
    CustomerWrote,
    Declined,
    Deferred,
    Draft,
    Duty,
    Ended,
    Handoff,
    HandoffAsked,
    Held,
    Offered,
    OfferLapsed,
    Outcome,
    Owner,
    Reopened,
    Resolved,
    Returned,
    State,
    TookOver,
    Transferred,
    Undone,
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
    assert (outcome.after.epoch, outcome.after.priority, outcome.after.reason) == (1, SAFETY, "safety")
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
        Held(5, epoch, ALEX, "Alex", held=True),
        Transferred(5, epoch, ALEX, "Alex", skill="gas"),
        AgentLost(5, epoch, ALEX),
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
    offered = after(Offered(3, QUEUED.epoch, ALEX, until=33), start=QUEUED)
    assert (offered.state, offered.owner, offered.agent_id) == (State.OFFERED, Owner.QUEUE, ALEX)
    for event in (OfferLapsed(33, offered.epoch, ALEX), Declined(4, offered.epoch, ALEX)):
        let_go = after(event, start=offered)
        assert let_go.declined == {ALEX: event.at}
        assert replace(let_go, updated_at=QUEUED.updated_at, declined={}) == QUEUED
    assert after(Accepted(4, offered.epoch, SAM, "Sam"), start=offered).agent_id == SAM


def test_an_offer_stands_until_its_time_and_is_declined_by_whom_it_was_made_to():
    offered = after(Offered(3, QUEUED.epoch, ALEX, until=33), start=QUEUED)
    assert refused(offered, OfferLapsed(32, offered.epoch, ALEX)) == "stale"
    assert refused(offered, Declined(4, offered.epoch, SAM)) == "stale"
    again = after(Declined(4, offered.epoch, ALEX), Offered(5, offered.epoch, SAM, until=35), start=offered)
    assert refused(again, OfferLapsed(33, again.epoch, ALEX)) == "stale"
    assert after(OfferLapsed(35, again.epoch, SAM), start=again).declined == {ALEX: 4, SAM: 35}


def test_who_accepts_in_time_gets_it_and_the_lapse_comes_too_late():
    offered = after(Offered(3, QUEUED.epoch, ALEX, until=33), start=QUEUED)
    taken = after(Accepted(32, offered.epoch, ALEX, "Alex"), start=offered)
    assert (taken.state, taken.offer_until, taken.declined) == (State.AGENT, None, {})
    assert refused(taken, OfferLapsed(33, offered.epoch, ALEX)) == "stale"


def test_a_long_wait_goes_before_complaints_but_never_before_safety():
    aged = after(Aged(3, QUEUED.epoch), start=QUEUED)
    assert (aged.priority, aged.queued_at, aged.epoch) == (COMPLAINT, QUEUED.queued_at, QUEUED.epoch)
    assert refused(aged, Aged(4, aged.epoch)) == "stale"
    assert refused(TAKEN, Aged(4, TAKEN.epoch)) == "stale"


def test_a_deferred_conversation_is_picked_up_later():
    deferred = after(Deferred(3, QUEUED.epoch), start=QUEUED)
    assert (deferred.owner, deferred.waiting) == (Owner.QUEUE, False)
    assert after(Accepted(9, deferred.epoch, SAM, "Sam"), start=deferred).owner is Owner.AGENT


def test_who_was_put_off_and_asks_again_when_people_are_there_is_queued():
    deferred = after(Deferred(3, QUEUED.epoch, due_at=50), start=QUEUED)
    assert not step(deferred, HandoffAsked(9, duty=Duty(staffed=False))).changed
    outcome = step(deferred, HandoffAsked(9))
    assert said(outcome) == ["utter_desk_queued"]
    assert (outcome.after.state, outcome.after.queued_at, outcome.after.due_at) == (State.QUEUED, 9, None)
    assert outcome.after.epoch == deferred.epoch


def test_an_offer_for_what_does_not_wait_is_refused():
    assert refused(TAKEN, Offered(5, TAKEN.epoch, SAM, until=35)) == "stale"
    assert refused(QUEUED, OfferLapsed(5, QUEUED.epoch, ALEX)) == "stale"
    assert refused(QUEUED, Declined(5, QUEUED.epoch, ALEX)) == "stale"
    assert refused(ASKED, Deferred(5, ASKED.epoch)) == "stale"


@pytest.mark.parametrize(
    "event",
    [
        HandoffAsked(2, duty=Duty(staffed=False)),
        BotFailed(2, 0, 1, duty=Duty(staffed=False)),
        BotReplied(2, 0, 1, (Draft("bot", "..."),), Handoff("complaint"), duty=Duty(staffed=False)),
    ],
)
def test_nobody_is_left_to_wait_when_nobody_will_come(event):
    outcome = step(ASKED, event)
    assert outcome.after.state is State.DEFERRED
    assert said(outcome)[-1] == "utter_desk_deferred"
    assert "utter_desk_queued" not in said(outcome)


def test_who_answers_must_know_about_what_the_reason_or_the_topic_asks_for():
    duty = Duty(skills={"price": "sales", "complaint": "complaints"})
    handoff = Handoff("low_confidence", evidence={"topic": "price"})

    def skill(handoff: Handoff) -> str | None:
        return step(ASKED, BotReplied(2, 0, 1, (Draft("bot", "..."),), handoff, duty)).after.skill

    assert skill(handoff) == "sales"
    assert skill(replace(handoff, reason="complaint")) == "complaints"
    assert skill(Handoff("low_confidence", evidence={"topic": "delivery"})) is None


def test_a_hold_asks_the_customer_for_a_moment_and_ends_with_a_word_from_the_agent():
    held = step(TAKEN, Held(4, TAKEN.epoch, ALEX, "Alex", held=True))
    assert said(held) == ["utter_desk_held"]
    assert (held.after.held, held.after.epoch, held.after.owner) == (True, TAKEN.epoch, Owner.AGENT)
    assert not step(held.after, Held(5, TAKEN.epoch, ALEX, "Alex", held=True)).changed
    assert not after(AgentWrote(5, ALEX, "Alex", "Found it."), start=held.after).held
    resumed = step(held.after, Held(5, TAKEN.epoch, ALEX, "Alex", held=False))
    assert (said(resumed), resumed.after.held) == (["utter_desk_resumed"], False)


def test_a_conversation_passed_to_a_colleague_waits_for_them_near_the_front():
    outcome = step(TAKEN, Transferred(4, TAKEN.epoch, ALEX, "Alex", SAM, "Sam"))
    assert said(outcome) == ["utter_desk_transferred_to"]
    assert outcome.messages[0].draft.values == {"agent": "Alex", "colleague": "Sam"}
    passed = outcome.after
    assert (passed.state, passed.wanted_agent_id, passed.agent_id) == (State.QUEUED, SAM, None)
    assert (passed.priority, passed.epoch, passed.reason) == (INTERRUPTED, TAKEN.epoch + 1, TAKEN.reason)
    offered = after(Offered(5, passed.epoch, SAM, until=35), start=passed)
    assert after(Declined(6, passed.epoch, SAM), start=offered).wanted_agent_id is None


def test_a_conversation_passed_on_for_a_skill_waits_for_whoever_has_it():
    outcome = step(TAKEN, Transferred(4, TAKEN.epoch, ALEX, "Alex", skill="gas"))
    assert said(outcome) == ["utter_desk_transferred"]
    assert (outcome.after.skill, outcome.after.wanted_agent_id) == ("gas", None)


def test_a_conversation_whose_agent_is_gone_goes_to_the_front_behind_safety_alone():
    outcome = step(TAKEN, AgentLost(9, TAKEN.epoch, ALEX))
    assert said(outcome) == ["utter_desk_lost"]
    assert (outcome.after.state, outcome.after.priority) == (State.QUEUED, INTERRUPTED)
    assert SAFETY < INTERRUPTED < COMPLAINT
    assert refused(TAKEN, AgentLost(9, TAKEN.epoch, SAM)) == "not_owner"


def test_a_conversation_whose_agent_is_gone_is_put_off_when_nobody_else_will_come():
    outcome = step(TAKEN, AgentLost(9, TAKEN.epoch, ALEX, Duty(staffed=False)))
    assert (outcome.after.state, said(outcome)) == (State.DEFERRED, ["utter_desk_deferred"])


def test_resolving_keeps_why():
    assert after(Resolved(4, TAKEN.epoch, ALEX, "duplicate"), start=TAKEN).resolution == "duplicate"


def test_reopening_takes_up_what_is_resolved_and_nothing_else():
    reopened = step(CLOSED, Reopened(5, CLOSED.epoch, SAM, "Sam"))
    assert (reopened.after.agent_id, reopened.after.resolution) == (SAM, None)
    for conversation, code in ((ASKED, "stale"), (QUEUED, "stale"), (TAKEN, "taken")):
        assert refused(conversation, Reopened(5, conversation.epoch, SAM, "Sam")) == code


LET_GO = [
    Resolved(4, TAKEN.epoch, ALEX, "answered"),
    Transferred(4, TAKEN.epoch, ALEX, "Alex", skill="gas"),
    Transferred(4, TAKEN.epoch, ALEX, "Alex", SAM, "Sam"),
]


@pytest.mark.parametrize("event", LET_GO)
def test_who_let_go_may_take_it_back_while_nothing_has_happened(event):
    let_go = after(event, start=TAKEN)
    outcome = step(let_go, Undone(5, let_go.epoch, ALEX, "Alex"))
    assert said(outcome) == ["utter_desk_stays"]
    back = outcome.after
    assert (back.state, back.agent_id, back.epoch) == (State.AGENT, ALEX, let_go.epoch + 1)
    assert (back.resolution, back.wanted_agent_id, back.skill) == (None, None, TAKEN.skill)
    assert refused(let_go, Undone(5, let_go.epoch, SAM, "Sam")) == "stale"


@pytest.mark.parametrize("event", LET_GO)
def test_what_somebody_has_touched_since_is_not_taken_back(event):
    let_go = after(event, start=TAKEN)
    written = after(CustomerWrote(5, "Thanks", reopen_for=HOUR), start=let_go)
    assert refused(written, Undone(6, written.epoch, ALEX, "Alex")) == "stale"
    taken = after(TookOver(5, let_go.epoch, SAM, "Sam"), start=let_go)
    assert refused(taken, Undone(6, taken.epoch, ALEX, "Alex")) == "taken"


def test_an_offer_does_not_stand_in_the_way_of_taking_a_transfer_back():
    passed = after(LET_GO[2], Offered(5, TAKEN.epoch + 1, SAM, until=35), start=TAKEN)
    assert after(Undone(6, passed.epoch, ALEX, "Alex"), start=passed).agent_id == ALEX


def test_the_time_to_a_first_answer_runs_from_the_handoff_to_the_first_word():
    assert (QUEUED.handed_at, TAKEN.handed_at, TAKEN.first_answer_at) == (2, 2, None)
    answered = after(AgentWrote(7, ALEX, "Alex", "Hello"), AgentWrote(8, ALEX, "Alex", "!"), start=TAKEN)
    assert answered.first_answer_at == 7
    passed = after(Transferred(9, TAKEN.epoch, ALEX, "Alex", skill="gas"), start=answered)
    assert (passed.handed_at, passed.first_answer_at) == (2, 7)
    assert after(TookOver(2, 0, ALEX, "Alex"), start=ASKED).handed_at is None


def test_writing_again_waits_for_the_agent_who_was_there():
    outcome = step(CLOSED, CustomerWrote(5, "One more thing", reopen_for=HOUR, last_agent_online=True))
    assert (outcome.after.wanted_agent_id, outcome.after.handed_at) == (ALEX, 5)


def test_system_messages_get_their_words_from_outside():
    def say(name: str, **values: str) -> str:
        return f"{name} {values}"

    outcome = step(QUEUED, Accepted(3, QUEUED.epoch, ALEX, "Alex")).worded(say)
    assert outcome.messages[0].draft.text == "utter_desk_joined {'agent': 'Alex'}"
    assert outcome.messages[0].draft.word is None
