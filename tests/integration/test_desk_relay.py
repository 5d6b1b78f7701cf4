"""From a customer's message to a stored reply, and what happens when the bot does not give one."""

from __future__ import annotations

import asyncio

import pytest

from steward.desk.store.database import Database
from tests.integration.desk_kit import ANSWER, META, Bench, handoff, until


async def test_a_question_is_answered_by_one_message_with_its_metadata(bench: Bench):
    customer = await bench.customer()
    (reply,) = await customer.ask("What does the Rill 300 cost?")
    assert (reply["from"], reply["seq"], reply["reply_to"]) == ("bot", 2, 1)
    assert reply["text"] == "The Rill 300 costs 249 euros."
    assert reply["meta"] == META
    assert bench.rasa.asked == [(customer.id, "What does the Rill 300 cost?")]


async def test_paragraphs_buttons_and_picture_before_one_metadata_are_one_message(bench: Bench):
    button = {"title": "Yes", "payload": "/affirm"}
    bench.rasa.replies["both"] = [
        {"text": "First."},
        {"text": "Second.", "buttons": [button]},
        {"image": "/web/shop/img/rill.svg"},
        {"custom": {"meta": META}},
        {"text": "Another."},
        {"custom": {"meta": {**META, "topic": "delivery"}}},
    ]
    customer = await bench.customer()
    first, second = await customer.ask("both")
    assert first["text"] == "First.\n\nSecond."
    assert (first["buttons"], first["image"]) == ([button], "/web/shop/img/rill.svg")
    assert (second["text"], second["meta"]["topic"]) == ("Another.", "delivery")


async def test_text_without_metadata_is_still_a_message(bench: Bench):
    bench.rasa.replies["plain"] = [{"text": "Hello."}]
    (reply,) = await (await bench.customer()).ask("plain")
    assert reply["text"] == "Hello."
    assert "meta" not in reply


async def test_a_handoff_stores_reply_and_change_of_owner_together(bench: Bench):
    bench.rasa.replies["help"] = handoff("complaint")
    customer = await bench.customer()
    seq = await customer.say("help")
    view = await customer.read(seq, 10)
    assert [message["from"] for message in view["messages"]] == ["bot", "system"]
    assert [message["reply_to"] for message in view["messages"]] == [seq, seq]
    assert view["messages"][1]["text"] == "A person will be with you."
    assert (view["state"], view["epoch"]) == ("queued", 1)
    assert view["queue"] == {"position": 1, "waited": 0, "expected": None}


@pytest.mark.parametrize(
    "reply",
    [
        [],
        500,
        404,
        b"not json",
        b'{"status": "failure"}',
        [{"custom": {"meta": META}}],
        [{"image": "/rill.svg"}],
        [{"text": "  "}],
    ],
    ids=str,
)
async def test_a_bot_without_a_usable_answer_hands_over_and_says_so(bench: Bench, reply):
    bench.rasa.replies["anything"] = reply
    customer = await bench.customer()
    seq = await customer.say("anything")
    view = await customer.read(seq, 10)
    (told,) = view["messages"]
    assert (told["from"], told["reply_to"]) == ("system", seq)
    assert told["text"] == "Something is wrong here; a person will look."
    expected: dict[str, object] = {
        "act": "handoff",
        "topic": None,
        "skus": [],
        "confidence": 0,
        "sources": [],
    }
    assert told["meta"] == expected
    assert view["state"] == "queued"


async def test_a_bot_that_hangs_hands_over_after_the_timeout_and_holds_up_nobody_else(bench: Bench):
    bench.rasa.hold("hang")
    slow, quick = await bench.customer(), await bench.customer()
    await slow.say("hang")
    (reply,) = await asyncio.wait_for(quick.ask("price?"), 0.9)
    assert reply["from"] == "bot"
    view = await slow.read(1, 10)
    assert view["state"] == "queued"


async def test_a_bot_that_is_gone_hands_over_and_answers_again_once_it_is_back(bench: Bench):
    customer = await bench.customer()
    await customer.ask("first")
    await bench.rasa.stop()
    (told,) = await customer.ask("second")
    assert told["from"] == "system"
    await bench.rasa.start()
    await customer.post("cancel")
    (reply,) = await customer.ask("third")
    assert reply["from"] == "bot"


async def test_a_bot_that_restarts_within_a_moment_is_asked_again(bench: Bench):
    await bench.rasa.stop()
    customer = await bench.customer()
    seq = await customer.say("still there?")
    await bench.rasa.start()
    view = await customer.read(seq, 10)
    assert [message["from"] for message in view["messages"]] == ["bot"]


async def test_messages_of_one_conversation_are_answered_in_order(bench: Bench):
    held = bench.rasa.hold("one")
    customer = await bench.customer()
    await customer.say("one")
    await customer.say("two")
    await bench.rasa.was_asked("one")
    assert [text for _, text in bench.rasa.asked] == ["one"]
    held.set()
    await until_seq(customer, 4)
    messages = (await customer.read())["messages"]
    assert [(message["seq"], message.get("reply_to")) for message in messages[2:]] == [(3, 1), (4, 2)]


async def test_a_reply_that_arrives_after_takeover_is_dropped_and_recorded(bench: Bench):
    held = bench.rasa.hold("slow")
    customer, agent = await bench.customer(), await bench.agent()
    await customer.say("slow")
    await bench.rasa.was_asked("slow")
    assert (await agent.act(customer, "takeover")).status_code == 200
    held.set()
    await until(lambda: bench.server.desk.metrics.dropped)
    view = await customer.read()
    assert [message["from"] for message in view["messages"]] == ["customer", "system"]
    recorded = await bench.server.desk.store.events.recorded(customer.id)
    assert [one["kind"] for one in recorded] == ["owner", "reply_dropped"]
    assert recorded[1]["detail"]["texts"] == ["The Rill 300 costs 249 euros."]


async def test_what_waits_behind_a_handoff_is_not_put_to_the_bot(bench: Bench):
    held = bench.rasa.hold("hand me over")
    bench.rasa.replies["hand me over"] = handoff()
    customer = await bench.customer()
    await customer.say("hand me over")
    await customer.say("and this?")
    held.set()
    await until_seq(customer, 4)
    await asyncio.sleep(0.1)
    assert [text for _, text in bench.rasa.asked] == ["hand me over"]


async def test_a_person_s_conversation_is_not_put_to_the_bot_until_it_is_returned(bench: Bench):
    customer, agent = await bench.queued(), await bench.agent()
    await customer.say("waiting")
    await agent.act(customer, "accept")
    await customer.say("hello, person")
    await agent.act(customer, "return")
    await customer.ask("hello, bot")
    assert [text for _, text in bench.rasa.asked] == ["hand me over", "hello, bot"]


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("/human", "human"),
        ('  //restart{"a": 1}', 'restart{"a": 1}'),
        ("\u2003/\u00a0/session_start", "session_start"),
        ("/", "?"),
        ("a/b", "a/b"),
        ("EXTERNAL: human", "EXTERNAL: human"),
    ],
)
async def test_a_typed_slash_never_reaches_the_bot_as_an_intent(bench: Bench, typed, sent):
    customer = await bench.customer()
    await customer.ask(typed)
    assert bench.rasa.asked == [(customer.id, sent)]
    assert (await customer.read())["messages"][0]["text"] == typed.strip()


async def test_personal_data_reaches_the_agent_but_not_the_bot(bench: Bench):
    typed = "my card 4111 1111 1111 1111 was charged twice, mail jo@example.ie"
    customer = await bench.customer()
    await customer.ask(typed)
    assert bench.rasa.asked == [(customer.id, "my card [card] was charged twice, mail [email]")]
    assert (await customer.read())["messages"][0]["text"] == typed


async def test_a_button_that_was_offered_is_sent_as_its_payload_and_shown_as_its_title(bench: Bench):
    button = {"title": "Rill 500", "payload": '/inform{"product":"RL-500"}'}
    bench.rasa.replies["which"] = [{"text": "Which?", "buttons": [button]}, {"custom": {"meta": META}}]
    customer = await bench.customer()
    assert (await customer.post("messages", {"payload": button["payload"]})).status_code == 400
    await customer.ask("which")
    seq = (await customer.post("messages", {"payload": button["payload"]})).json()["seq"]
    await customer.read(seq, 10)
    stored = (await customer.read())["messages"][seq - 1]
    assert (stored["text"], stored["meta"]) == ("Rill 500", {"payload": button["payload"]})
    assert bench.rasa.asked[-1] == (customer.id, button["payload"])


async def test_one_customer_s_buttons_are_not_another_s(bench: Bench):
    bench.rasa.replies["which"] = [{"text": "?", "buttons": [{"title": "A", "payload": "/a"}]}]
    one, other = await bench.customer(), await bench.customer()
    await one.ask("which")
    assert (await one.post("messages", {"payload": "/a"})).status_code == 202
    assert (await other.post("messages", {"payload": "/a"})).json()["error"]["field"] == "payload"


async def test_a_restart_takes_up_what_was_left_unanswered(bench: Bench):
    bench.rasa.hold("left")
    customer = await bench.customer()
    await customer.say("left")
    await bench.rasa.was_asked("left")
    bench.server.desk.bot._timeout = 60
    bench.rasa.held.clear()
    await crash(bench)
    view = await customer.read(1, 10)
    assert [message["from"] for message in view["messages"]] == ["bot"]
    assert [text for _, text in bench.rasa.asked] == ["left", "left"]


async def test_a_restart_does_not_ask_again_what_was_answered(bench: Bench):
    customer = await bench.customer()
    await customer.ask("once")
    await bench.restart()
    await asyncio.sleep(0.1)
    assert [text for _, text in bench.rasa.asked] == ["once"]
    assert len((await customer.read())["messages"]) == 2


async def test_a_database_that_fails_under_a_reply_is_tried_again(bench: Bench, monkeypatch):
    customer = await bench.customer()
    held = bench.rasa.hold("price?")
    await customer.say("price?")
    await bench.rasa.was_asked("price?")
    whole = Database.write

    def broken(_store):
        raise OSError("disk full")

    monkeypatch.setattr(Database, "write", broken)
    monkeypatch.setattr("steward.desk.relay._RECOVER_AFTER", 0.05)
    held.set()
    await asyncio.sleep(0.2)
    monkeypatch.setattr(Database, "write", whole)
    view = await customer.read(1, 10)
    assert [message["text"] for message in view["messages"]] == [ANSWER[0]["text"]]


async def until_seq(customer, seq: int) -> None:
    after = 0
    while after < seq:
        view = await customer.read(after, 5)
        assert view["seq"] > after, "nothing new in time"
        after = view["seq"]


async def crash(bench: Bench) -> None:
    """End the relay without letting it finish, then start anew."""
    await bench.server.desk.relay.close(0)
    await bench.restart()
