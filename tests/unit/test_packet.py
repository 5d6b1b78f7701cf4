"""The handoff packet says why, what and what is known already; nothing the customer told is asked again."""

from __future__ import annotations

from typing import Any

import pytest

from steward.desk.conversation import Conversation, Draft, Message
from steward.desk.workspace.identity import Customer, customer_of, signature
from steward.desk.workspace.packet import Packet, packet_of
from steward.desk.workspace.sentiment import sentiment

NAMES = {"RL-300": "Rill 300", "SP-60": "Splash 60"}
SECRET = "between the shop and us"


def customer(text: str) -> Draft:
    return Draft("customer", text)


def bot(to: int, act: str, topic: str | None = None, **more: Any) -> Draft:
    buttons = more.pop("buttons", ())
    meta = {"act": act, "topic": topic, "skus": [], "confidence": 0.9, "sources": [], **more}
    return Draft("bot", "…", meta=meta, reply_to=to, buttons=buttons)


def made(*drafts: Draft, reason: str | None = "customer_asked", **known: Any) -> Packet:
    messages = [Message(seq, 0, draft) for seq, draft in enumerate(drafts, start=1)]
    conversation = Conversation("id", reason=reason, **known)
    page = "https://alder.example/rill"
    return packet_of(conversation, messages, Customer(), None, page, "en-IE", NAMES)


def test_it_tells_what_is_open_in_the_customers_words_and_what_was_answered() -> None:
    packet = made(
        customer("Hello"),
        bot(1, "smalltalk", "greet"),
        customer("How much is the Rill 300?"),
        bot(3, "answer", "price", skus=["RL-300"], sources=["catalogue:RL-300/price"]),
        customer("Does it fit under a sink that is only 30 cm deep?"),
        bot(5, "clarify"),
        customer("I want to talk to a person"),
        bot(7, "handoff", "human"),
        topic="planning",
        skus=("RL-300",),
    )
    assert packet.wants == (
        "Asks for a person. It is about planning (Rill 300). "
        "Open: “Does it fit under a sink that is only 30 cm deep?”. "
        "The assistant has answered already: price."
    )
    assert [(one.seq, one.act, one.answered) for one in packet.asked] == [
        (3, "answer", True),
        (5, "clarify", False),
    ]
    assert [(product.sku, product.name) for product in packet.products] == [("RL-300", "Rill 300")]
    assert [attempt.act for attempt in packet.tried] == ["answer", "clarify", "handoff"]
    assert packet.tried[0].sources == ["catalogue:RL-300/price"]
    assert (packet.page, packet.language) == ("https://alder.example/rill", "en-IE")


def test_a_conversation_that_began_with_the_wish_for_a_person_says_so() -> None:
    assert (
        made(customer("Can I talk to someone please")).wants
        == "Asks for a person. Nothing has been asked yet."
    )


def test_a_long_message_is_cut_and_only_the_newest_questions_are_quoted() -> None:
    packet = made(*[customer(f"question {n} " + "long " * 60) for n in range(6)])
    assert "question 1 " not in packet.wants and "question 5 " in packet.wants
    assert packet.wants.count("…”") == 4
    assert len(packet.asked) == 6


@pytest.mark.parametrize(
    ("text", "what", "value"),
    [
        ("my order number is AH-104233, where is it", "order", "AH-104233"),
        ("Order #10442 has not come", "order", "10442"),
        ("it is #104233", "order", "104233"),
        ("the display shows error E15", "error", "E15"),
        ("fault code 11 again", "error", "11"),
        ("write to robin.o'shea@example.org", "e-mail", "robin.o'shea@example.org"),
        ("ring +353 20 915 0142 after five", "telephone", "+353 20 915 0142"),
        ("the serial number is RL3-88-12034", "serial number", "RL3-88-12034"),
        ("I live at D02 X285", "postcode", "D02 X285"),
        ("bought it 3 weeks ago in Dublin", "since when", "3 weeks ago"),
    ],
)
def test_what_the_customer_told_is_listed(text: str, what: str, value: str) -> None:
    assert [(told.what, told.value, told.seq) for told in made(customer(text)).told] == [(what, value, 1)]


def test_a_price_or_a_size_is_not_taken_for_a_number_of_theirs() -> None:
    assert made(customer("Is the 60 cm Splash for 660.00 euros in stock? I need 2.")).told == []


def test_the_product_chosen_when_asked_is_known() -> None:
    packet = made(
        customer("what does the dishwasher cost"),
        bot(1, "ask_which_product", "price", buttons=({"title": "Splash 60", "payload": "/inform"},)),
        customer("Splash 60"),
    )
    assert [(told.what, told.value) for told in packet.told] == [("product", "Splash 60")]


def test_the_assistants_ranking_and_evidence_are_carried_on_whatever_they_hold() -> None:
    evidence = {
        "readings": [["price", 0.41], ["product", 0.38]],
        "nearest": {"text": "how much is it", "similarity": 0.62},
    }
    packet = made(customer("how about the rill"), reason="low_confidence", evidence=evidence, confidence=0.41)
    assert [(one.topic, one.share) for one in packet.readings] == [("price", 0.41), ("product", 0.38)]
    assert packet.nearest is not None and packet.nearest.text == "how much is it"
    assert packet.confidence == 0.41
    odd = made(customer("hm"), evidence={"readings": "none", "nearest": 3})
    assert (odd.readings, odd.nearest) == ([], None)


@pytest.mark.parametrize(
    ("texts", "feeling", "words"),
    [
        (["How much is the Rill 300?"], "neutral", ()),
        (["This is ridiculous, I am still waiting"], "annoyed", ("still waiting", "ridiculous")),
        (["I am not happy with it"], "annoyed", ("not happy",)),
        (["That is not useless at all"], "neutral", ()),
        (["Great, thank you, it works perfectly"], "happy", ("great", "perfectly")),
        (["great service", "but this is unacceptable"], "annoyed", ("unacceptable",)),
        (["WHERE IS MY ORDER"], "annoyed", ("WHERE IS MY ORDER",)),
        (["where is it???"], "annoyed", ("???",)),
        (["it is still normal water"], "neutral", ()),
    ],
)
def test_how_the_customer_sounds_rests_on_words_of_theirs(
    texts: list[str], feeling: str, words: tuple[str, ...]
) -> None:
    found = sentiment(texts)
    assert (found.feeling, found.words) == (feeling, words)


def test_an_identity_is_verified_by_the_shops_signature_over_all_of_it() -> None:
    identity = {"id": "c-77", "name": "Robin O’Shea", "email": "robin@example.org"}
    signed = {**identity, "signature": signature(identity, SECRET)}
    assert customer_of(signed, SECRET) == Customer("c-77", "Robin O’Shea", "robin@example.org", True)
    for forged in (
        identity,
        {**signed, "name": "Somebody Else"},
        {**signed, "role": "admin"},
        {**signed, "name": {"first": "Robin"}},
        {**signed, "signature": "é"},
        {name: value for name, value in signed.items() if name != "email"},
    ):
        assert customer_of(forged, SECRET).verified is False
    assert customer_of(signed, "another secret").verified is False
    assert customer_of(signed, "").verified is False


def test_lines_cannot_be_moved_from_one_value_into_another() -> None:
    signed = signature({"email": "a@example.org", "name": "A"}, SECRET)
    for smuggled in ({"email": "a@example.org\nname=A"}, {"email=a@example.org\nname": "A"}):
        assert customer_of({**smuggled, "signature": signed}, SECRET).verified is False
    signed = signature({"id": "7=8"}, SECRET)
    assert customer_of({"id=7": "8", "signature": signed}, SECRET).verified is False


def test_what_customers_say_themselves_never_mixes_with_what_the_shop_vouches_for() -> None:
    verified = Customer("c-77", "Robin", "robin@example.org", True)
    assert verified.completed("Rob", "rob@example.org") is verified
    assert Customer("c-77", None, None, True).completed("Rob", None).name is None
    assert Customer(name="Robin").completed("Rob", "rob@example.org") == Customer(
        None, "Robin", "rob@example.org", False
    )
