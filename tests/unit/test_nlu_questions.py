"""Several questions in one message are told apart, and one question stays one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from rasa.core.agent import Agent
from rasa.shared.nlu.training_data.message import Message

from steward.nlu.questions import Clauses, Questions, clauses_of
from tests.support.shop_model import archive

# All in one worker, which loads the model once.
pytestmark = pytest.mark.xdist_group("understanding")
Parse = Callable[[str], Message]


@pytest.fixture(scope="module")
def parse(shop_model: Path) -> Parse:
    """The model of the shop's own examples, at its reading of messages."""
    agent = Agent.load(str(archive(shop_model)))

    def parsed(text: str) -> Message:
        return Message(dict(asyncio.run(agent.parse_message(text))))

    return parsed


def topics(message: Message) -> list[str]:
    return [question["intent"]["name"] for question in message.get("questions") or []]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("how much is the rill 300 and is it in stock?", "price availability"),
        ("How much is the Dusty S1? And how long is the warranty?", "price warranty"),
        ("is the tempo in stock and do you deliver to ireland", "availability delivery"),
        ("whats the price of the splash 60 and when can you deliver it", "price delivery"),
        ("do you ship to scotland? also what are your opening hours", "delivery hours"),
        ("price and availability of the dusty s2 please", "price availability"),
        ("price of the crema one and warranty", "price warranty"),
        ("how do i install the rill 300 and what does it cost", "installation price"),
        ("How long is the guarantee on the Trim 18; can I pay by PayPal?", "warranty ordering"),
        ("is the zephyr mini in stock, and how much is it?", "availability price"),
        ("what are your opening hours and where are you located, also how much is the tempo", "hours price"),
        ("can i return it if i dont like it and how long does delivery take", "returns delivery"),
        ("when will the ember 200 be back in stock plus how much does it cost", "availability price"),
        ("how do i descale the crema one and is descaling covered by the warranty", "maintenance warranty"),
        ("How do I clean the filter of my Dusty S1? What does error 3 mean?", "maintenance troubleshooting"),
        ("how much is the s1 and how long is the warranty on the s2", "price warranty"),
        ("how much is the rill 300, do you deliver on saturdays?", "price delivery"),
        ("where is my order and how do i return something", "order_status returns"),
        ("do you take old dishwashers away and how much is the splash 45", "disposal price"),
        ("how much is delivery and what is your return policy", "delivery returns"),
        ("whats ur returns policy n how long does shipping take", "returns delivery"),
        ("how much does the cell 5 cost & how long is the warranty?", "price warranty"),
        ("my splash 45 shows error 11, also when are you open on saturday", "troubleshooting hours"),
        ("how much is the portal 8? my old opener also needs to go, do you recycle it?", "price disposal"),
        ("is there a manual for the tempo and is it in stock", "training availability"),
        (
            "Is the Splash 60 available? How much is it? And do you deliver to Cork?",
            "availability price delivery",
        ),
        (
            "what do i need to measure before buying the splash 60 and how long does delivery take",
            "planning delivery",
        ),
        ("how do i set a schedule on the tempo, and how long is its warranty", "usage warranty"),
        ("how much is the zephyr pro and how much is the zephyr mini", "price price"),
        ("when are you open? i also need to know how to send back a vacuum", "hours returns"),
        ("can i pay in instalments and do you offer next day delivery", "price|ordering delivery"),
        ("do you have a video on fitting the rill 300 and how much is it", "training price"),
        ("is the trim 18 in stock and how do i change the line", "availability maintenance|usage"),
        (
            "how often do i change the filters on the rill 500 and do you deliver on mondays",
            "maintenance delivery",
        ),
        ("hi! how much is the tempo? and can you deliver tomorrow? thanks", "price delivery"),
        ("what is the warranty on the ember 200 is it in stock", "warranty availability"),
        ("how much is the dusty s2 max do you deliver on sundays", "price delivery"),
        ("tell me the price of the crema one and tell me your delivery times", "price delivery"),
        ("how do i register my warranty for the tempo and where do i find the manual", "warranty training"),
        ("Two things: what does the Rill 500 cost, and who can install it?", "price installation"),
        ("how do i recycle my old trimmer battery and how much is a trim 18", "disposal price"),
        ("opening hours and delivery costs please", "hours delivery"),
        ("is the s2 in stock? if so how much?", "availability price"),
        ("crema one price? warranty?", "price warranty"),
        ("price warranty and delivery for the crema", "price warranty delivery"),
        ("crema price warranty delivery", "price warranty delivery"),
        ("rill 300 price stock delivery time", "price availability delivery"),
        ("need price availability n shipping cost for splash 60", "price availability delivery"),
        ("tempo price how long is the warranty when do you deliver", "price warranty delivery"),
        ("is the s1 in stock what does it cost how long is the warranty", "availability price warranty"),
        ("zephyr mini: price / stock / delivery", "price availability delivery"),
        ("the s2 keeps stopping. also when are you open on saturday", "troubleshooting hours"),
        ("how much is the tempo and do you ship to spain and when are you open", "price delivery hours"),
        ("how much is the ember 200? one more question, how long is the warranty", "price warranty"),
    ],
)
def test_each_question_of_a_message_is_read(parse: Parse, text: str, expected: str) -> None:
    message = parse(text)
    found = topics(message)
    assert len(found) == len(expected.split()), found
    assert all(topic in choice.split("|") for topic, choice in zip(found, expected.split(), strict=True)), (
        found
    )
    assert message.get("intent")["name"] == found[0]


@pytest.mark.parametrize(
    "text",
    [
        "what's the difference between the S1 and the S2",
        "is it compatible with google home and alexa",
        "how do I clean and descale it",
        "how do i start a wash and dry cycle",
        "where can i read your terms and conditions",
        "I bought the rill last year. it leaks",
        "i bought a dusty s1 last week and it wont charge",
        "my dishwasher leaks and makes a noise",
        "the splash 60 stops mid cycle and shows error 14, what do i do",
        "how much is the rill 300 and the rill 500",
        "do you deliver to cork and dublin",
        "can i pay with visa and mastercard",
        "is the tempo easy to fit and use",
        "does the dusty s2 vacuum and mop",
        "hi, how much is the tempo?",
        "hello and good morning, is the crema one in stock",
        "how much is the tempo? thanks",
        "i have a small flat and two cats, which vacuum is best",
        "we are a family of four and have two bathrooms, which water heater do we need",
        "if i order today when will it arrive",
        "when i turn it on it beeps, what does that mean",
        "can you tell me how much it is",
        "do you know when the rill 300 is back in stock",
        "i want to know what the dusty costs",
        "my trimmer broke. can i return it?",
        "i ordered a tempo on monday and it hasnt arrived, where is it",
        "The delivery man left it in the rain and nobody called me. I am very angry.",
        "which is better, the zephyr mini or the zephyr pro?",
        "compare the price and the warranty of the s1 and the s2",
        "is the zephyr pro quieter and cheaper to run than the mini",
        "what tools and parts do i need to install the rill 300",
        "how wide and deep is the splash 45",
        "what is in the box and does it come with a filter",
        "I moved house. How do I connect the Tempo to the new wifi?",
        "how do i take off the old filter and put in a new one",
        "does it come with a hose and a window seal",
        "Do you sell ovens and fridges?",
        "i'd like to return my vacuum and get my money back",
        "i want to cancel my order and get a refund",
        "let me speak to a human, please, and quickly",
        "my portal 8 opens, stops and closes again",
        "it worked fine for a year, then it stopped",
        "can i use the app to lock the door and turn off the light",
        "how do i pair the remote and the wall button",
        "what do i do with the old battery and the box",
        "is delivery free and fast",
        "how much is delivery? is it free from some amount on?",
        "do you install it too and what does that cost",
        "how much does it cost to get the zephyr pro installed",
        "which days do you deliver in the north",
        "how often can i run the dusty in a day",
        "what time do you open and close",
        "are you open on saturday and sunday",
        "what is the price including delivery and installation",
        "how do i descale it and how often",
        "is the splash 60 better than the splash 45 and why",
        "how long is the warranty and what does it cover",
        "can you call me and explain it",
        "do i need a plumber and an electrician to fit the ember 200",
        "red light is on and it does not start",
        "my zephyr mini drips. it stands on a carpet. what can i do?",
        "so i got this tempo thing yesterday, how do i set the schedule",
        "what's the price for the s2 with the mop and the station",
        "thank you, that helps. bye",
        "you are useless and your bot is stupid",
        "does the crema one take pods and ground coffee",
        "how do i stop and restart the programme",
        "installation manual for the tempo",
        "delivery address wrong",
        "installation how much",
        "do you have a price guarantee",
        "delivery price for the crema",
        "returns address",
        "running costs and price",
        "I can't find the manual, where is it?",
        "there's an offer on the splash 60, how long is it on for?",
        "is it normal that the robot bumps into things and turns round",
        "ok so. the tempo. how much?",
        "",
        "???",
        "and",
    ],
)
def test_one_question_stays_one(parse: Parse, text: str) -> None:
    message = parse(text)
    assert topics(message) == []
    assert "questions" not in message.output_properties


@pytest.mark.parametrize(
    "text",
    [
        "how much is the ember 200 and i smell gas in the kitchen",
        "when do you open? also the battery of my trimmer is swollen",
        "is the rill in stock; there is water dripping into the socket",
    ],
)
def test_danger_stands_above_every_question(parse: Parse, text: str) -> None:
    message = parse(text)
    assert message.get("intent")["name"] == "safety"
    assert message.get("questions") is None


def test_another_language_stands_above_every_question(parse: Parse) -> None:
    message = parse("Wie viel kostet der Staubsauger? Und wann liefern Sie?")
    assert message.get("intent")["name"] == "other_language"
    assert message.get("questions") is None


def test_a_question_is_told_like_a_message_of_its_own(parse: Parse) -> None:
    first, second = parse("how much is the rill 300 and how long is the warranty on the dusty s1?").get(
        "questions"
    )
    assert set(first) == {"text", "intent", "intent_ranking", "mentions", "entities", "evidence"}
    assert (first["text"], first["entities"][0]["value"]) == ("how much is the rill 300", "RL-300")
    [mention] = second["mentions"]
    assert second["text"][mention["start"] : mention["end"]] == mention["text"] == "dusty s1"
    assert second["intent_ranking"][0]["name"] == "warranty"
    assert second["evidence"]["threshold"] > 0


@pytest.mark.parametrize(
    "text",
    [
        "price and availability of the dusty s1",
        "do you deliver the dusty s1 to cork and how much does it cost",
    ],
)
def test_a_product_reaches_the_question_that_cannot_remember_it(parse: Parse, text: str) -> None:
    price = next(one for one in parse(text).get("questions") if one["intent"]["name"] == "price")
    [mention] = price["mentions"]
    assert mention["skus"] == ["DS-S1"]
    assert price["text"][mention["start"] : mention["end"]] == mention["text"]


def test_each_topic_of_a_list_is_about_the_product_behind_it(parse: Parse) -> None:
    price, warranty, _ = parse("price warranty and delivery for the crema").get("questions")
    assert [[mention["skus"] for mention in one["mentions"]] for one in (price, warranty)] == [[["CR-1"]]] * 2


def test_a_product_that_an_earlier_question_names_is_left_to_memory(parse: Parse) -> None:
    _, second = parse("how much is the dusty s1 and is it in stock").get("questions")
    assert second["mentions"] == []


def test_a_background_goes_with_the_question_that_it_leads_up_to(parse: Parse) -> None:
    message = parse("I have a rill 300. how long is the guarantee and when are you open")
    first, _ = message.get("questions")
    assert first["text"] == "I have a rill 300. how long is the guarantee"
    assert [mention["skus"] for mention in first["mentions"]] == [["RL-300"]]


def test_several_messages_at_once_stay_apart_and_in_order() -> None:
    messages: Sequence[Message] = [Message({"text": "hello"}), Message({"text": "what is it? when is it?"})]
    with_clauses = Clauses().process(list(messages))
    assert [message.get("text") for message in with_clauses] == [
        "hello",
        "what is it? when is it?",
        "what is it?",
        "when is it?",
    ]
    assert Questions().process(with_clauses) == list(messages)


@pytest.mark.parametrize(
    "text", ["how much is the rill", "/price", "is the tempo in stock?", "my rill leaks."]
)
def test_an_ordinary_message_costs_no_further_reading(text: str) -> None:
    assert clauses_of(text) == []
    assert len(Clauses().process([Message({"text": text})])) == 1


def test_a_button_is_never_taken_apart() -> None:
    payload = '/price{"product": "RL-300"} how much is it? when are you open?'
    assert len(Clauses().process([Message({"text": payload})])) == 1
