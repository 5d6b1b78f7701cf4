"""Which products a message names."""

from __future__ import annotations

import json

import pytest

from steward.catalogue import load_catalogue
from steward.nlu.matcher import mask, proper_names
from steward.nlu.mentions import Mentions
from steward.nlu.weights import find_weights
from steward.settings import load_settings


@pytest.fixture(scope="module")
def mentions() -> Mentions:
    catalogue = load_catalogue(load_settings().catalogue)
    words = json.loads((find_weights() / "tokenizer.json").read_text("utf-8"))["model"]["vocab"]
    ordinary = {word for word in words if len(word) > 1 and word.isalpha()}
    return Mentions(catalogue.names(), proper_names(catalogue), ordinary)


def named(mentions: Mentions, text: str) -> list[set[str]]:
    return [set(mention.skus) for mention in mentions.find(text)]


@pytest.mark.parametrize(
    ("text", "sku"),
    [
        ("how much is the rill 300", "RL-300"),
        ("rill three hundred", "RL-300"),
        ("the dusty s2", "DS-S2"),
        ("dustys2 battery", "DS-S2"),
        ("s 2 max", "DS-S2"),
        ("crema1", "CR-1"),
        ("crema one price", "CR-1"),
        ("splash 60cm", "SP-60"),
        ("the 60 cm dishwasher", "SP-60"),
        ("zefyr mini", "ZP-MINI"),
        ("zefyrmini", "ZP-MINI"),
        ("zephir pro?", "ZP-PRO"),
        ("EMBER 200!!", "EM-200"),
        ("amber 200 shows an error", "EM-200"),
        ("my themostat", "TP-1"),
        ("garage door opner", "PT-8"),
        ("cell five", "CL-5"),
        ("three cell fives", "CL-5"),
        ("any portal eights left", "PT-8"),
        ("TR-18", "TR-18"),
        ("tp1", "TP-1"),
        ("the thermostat", "TP-1"),
        ("no, the pro", "ZP-PRO"),
        ("the whole-house filter", "RL-500"),
        ("Dusty S1", "DS-S1"),
        ("slim dishwasher", "SP-45"),
        ("the slim splash", "SP-45"),
        ("The larger Splash", "SP-60"),
        ("a 60 dishwasher", "SP-60"),
        ("dishwasher that's 45 wide", "SP-45"),
        ("the portable one, zephyr", "ZP-MINI"),
        ("wall mounted zephyr", "ZP-PRO"),
        ("the dusty with the mop", "DS-S2"),
        ("the filter for the whole house", "RL-500"),
        ("battery for home", "CL-5"),
        ("the under sink one", "RL-300"),
        ("skinny dishwasher", "SP-45"),
        ("the thin dishwasher", "SP-45"),
        ("the rill under my sink", "RL-300"),
        ("rill for the whole house", "RL-500"),
        ("filter for the entire house", "RL-500"),
        ("zephyr on the wall", "ZP-PRO"),
        ("heater shows error 11", "EM-200"),
        ("i need a new heater", "EM-200"),
        ("the opener beeps", "PT-8"),
        ("tempoo", "TP-1"),
        ("fitted zephyr", "ZP-PRO"),
        ("zephyr that gets fitted", "ZP-PRO"),
        ("the rill that goes under the sink", "RL-300"),
        ("the robot with the mop", "DS-S2"),
        ("dusty s to", "DS-S2"),
        ("dusty s too battery", "DS-S2"),
        ("dusty ess two", "DS-S2"),
        ("dusty s one", "DS-S1"),
        ("ember two hundred", "EM-200"),
        ("crème a one", "CR-1"),
        ("ril 300", "RL-300"),
        ("rll 300", "RL-300"),
        ("garage dor opener", "PT-8"),
        ("does the max lift carpets", "DS-S2"),
        ("der Tempo", "TP-1"),
        ("wie viel kostet der Tempo", "TP-1"),
        ("is the portal quiet", "PT-8"),
        ("tempo or nest", "TP-1"),
    ],
)
def test_a_product_is_found_however_it_is_written(mentions: Mentions, text: str, sku: str) -> None:
    assert named(mentions, text) == [{sku}]


@pytest.mark.parametrize(
    ("text", "skus"),
    [
        ("the rill", {"RL-300", "RL-500"}),
        ("my dishwaser leaks", {"SP-45", "SP-60"}),
        ("robot hoover", {"DS-S1", "DS-S2"}),
        ("zephyr", {"ZP-MINI", "ZP-PRO"}),
        ("my dustys battery", {"DS-S1", "DS-S2"}),
        ("two vacuums", {"DS-S1", "DS-S2"}),
        ("both dishwashers", {"SP-45", "SP-60"}),
        ("vacuum filter", {"DS-S1", "DS-S2"}),
        ("dishwasher filter", {"SP-45", "SP-60"}),
        ("the vacuum for one floor", {"DS-S1", "DS-S2"}),
        ("my vacuum under the sofa", {"DS-S1", "DS-S2"}),
        ("the robot", {"DS-S1", "DS-S2"}),
        ("my robot won't start", {"DS-S1", "DS-S2"}),
        ("is the dusty loud", {"DS-S1", "DS-S2"}),
        ("air conditoner", {"ZP-MINI", "ZP-PRO"}),
    ],
)
def test_an_ambiguous_name_yields_all_it_may_mean(mentions: Mentions, text: str, skus: set[str]) -> None:
    assert named(mentions, text) == [skus]


@pytest.mark.parametrize(
    "text",
    [
        "Can you trim my order",
        "i lost my cell phone",
        "the splash zone",
        "portal login",
        "how do i log in to the customer portal",
        "my room is dusty",
        "a splash of milk",
        "it costs 300 pounds",
        "the 5 year warranty",
        "will 300 be enough",
        "trim the hedge",
        "a drill 300 watts",
        "it smells musty inside",
        "can i wash it in the sink",
        "what temp does it run at",
        "whats the temp of the water",
        "set the temp to 20",
        "is there a spa setting",
        "i am a member",
        "it stops after five mins",
        "cram it in the cupboard",
        "do you sell cells",
        "my trips abroad",
        "electric heater",
        "are you a robot or what",
        "patio heater",
        "can opener",
        "the battery",
        "am i talking to a robot",
        "keep up the tempo",
        "at this tempo it takes a year",
        "what is the max temperature",
        "pros and cons",
        "go pro",
        "a pro tip",
        "in the mini bar",
        "my samsung s2",
        "filter",
        "the door",
        "",
    ],
)
def test_ordinary_words_and_numbers_name_no_product(mentions: Mentions, text: str) -> None:
    assert named(mentions, text) == []


@pytest.mark.parametrize(
    ("text", "sku"),
    [
        ("Tempo", "TP-1"),
        ("is the tempo in stock", "TP-1"),
        ("I want to return my Portal", "PT-8"),
        ("the trim", "TR-18"),
        ("portal wont close", "PT-8"),
        ("tempo keeps dropping off the wifi", "TP-1"),
        ("cell never gets over 60 percent", "CL-5"),
    ],
)
def test_an_ordinary_word_counts_where_the_message_means_the_product(
    mentions: Mentions, text: str, sku: str
) -> None:
    assert named(mentions, text) == [{sku}]


@pytest.mark.parametrize(
    ("text", "sku"),
    [
        ("zephyr mini temp", "ZP-MINI"),
        ("does the tempo work with my heater", "TP-1"),
        ("does the tempo know when i am away", "TP-1"),
        ("will the cell power my freezer", "CL-5"),
        ("tempo and the heater in the hall", "TP-1"),
        ("ember 200 for a member", "EM-200"),
    ],
)
def test_what_is_certain_leaves_no_room_for_what_only_may_be_a_name(
    mentions: Mentions, text: str, sku: str
) -> None:
    assert named(mentions, text) == [{sku}]


def test_two_products_are_found_in_order(mentions: Mentions) -> None:
    assert named(mentions, "compare tempo with cell 5") == [{"TP-1"}, {"CL-5"}]


@pytest.mark.parametrize(
    ("text", "skus"),
    [
        ("rill 300 or 500", ["RL-300", "RL-500"]),
        ("rill 300 and 500", ["RL-300", "RL-500"]),
        ("the 300 vs the 500", ["RL-300", "RL-500"]),
        ("s1 or s2", ["DS-S1", "DS-S2"]),
        ("zephyr pro better then mini", ["ZP-PRO", "ZP-MINI"]),
        ("small splash or big splash", ["SP-45", "SP-60"]),
        ("45 or 60 cm dishwasher", ["SP-45", "SP-60"]),
        ("45cm or 60cm dishwashers", ["SP-45", "SP-60"]),
        ("slim or full size dishwasher", ["SP-45", "SP-60"]),
        ("split or portable ac", ["ZP-PRO", "ZP-MINI"]),
        ("under sink or whole house filter", ["RL-300", "RL-500"]),
        ("mini or pro", ["ZP-MINI", "ZP-PRO"]),
        ("mini or pro, which one cools better", ["ZP-MINI", "ZP-PRO"]),
        ("difference between mini and pro", ["ZP-MINI", "ZP-PRO"]),
        ("is the pro louder than the mini", ["ZP-PRO", "ZP-MINI"]),
        ("does the zephyr pro need less power than mini", ["ZP-PRO", "ZP-MINI"]),
        ("300 or 500", ["RL-300", "RL-500"]),
        ("60 or 45", ["SP-60", "SP-45"]),
        ("the wider splash over the narrow one", ["SP-60", "SP-45"]),
    ],
)
def test_siblings_joined_in_a_phrase_are_both_found(mentions: Mentions, text: str, skus: list[str]) -> None:
    assert named(mentions, text) == [{sku} for sku in skus]


def test_a_product_named_twice_over_is_one_mention(mentions: Mentions) -> None:
    [mention] = mentions.find("rill 300 water filter")
    assert (mention.text, mention.skus) == ("rill 300 water filter", ("RL-300",))


def test_a_mention_tells_where_it_stands(mentions: Mentions) -> None:
    text = "Is the Rill 300 any good?"
    [mention] = mentions.find(text)
    assert text[mention.start : mention.end] == mention.text == "Rill 300"


def test_masking_hides_every_name(mentions: Mentions) -> None:
    text = "is the rill 300 better than the rill 500?"
    assert mask(text, mentions.find(text)) == "is the product better than the product?"


def test_each_product_is_found_by_its_sku_and_name(mentions: Mentions) -> None:
    for product in load_catalogue(load_settings().catalogue).products.values():
        assert named(mentions, f"about the {product.name}") == [{product.sku}]
        assert named(mentions, product.sku) == [{product.sku}]


@pytest.mark.parametrize(
    ("text", "sku"),
    [
        ("does the split have a heat mode", "ZP-PRO"),
        ("and is the portable?", "ZP-MINI"),
        ("the wall one", "ZP-PRO"),
        ("my coffee thing is stuck", "CR-1"),
        ("that heating gadget of yours", "TP-1"),
        ("your garage thingy", "PT-8"),
        ("can I have the tempo replaced", "TP-1"),
        ("our Tempo says 19", "TP-1"),
        ("the tempo screen went blank", "TP-1"),
    ],
)
def test_what_tells_a_product_from_its_siblings_may_stand_for_it(
    mentions: Mentions, text: str, sku: str
) -> None:
    assert named(mentions, text) == [{sku}]


@pytest.mark.parametrize("text", ["which splash is best for two", "the plain dusty"])
def test_a_family_is_named_where_one_of_it_is_to_be_chosen(mentions: Mentions, text: str) -> None:
    (skus,) = named(mentions, text)
    assert len(skus) == 2


@pytest.mark.parametrize(
    "text",
    [
        "do your people draw a vacuum on the copper pipes",
        "fresh batteries, new cell put in the key fob",
        "is the wall strong enough",
        "it is a thing of beauty",
        "my mobile rang",
        "the whole house is cold",
        "which cell divides fastest",
        "we want to split the bill",
    ],
)
def test_words_that_only_open_a_name_or_are_made_name_nothing(mentions: Mentions, text: str) -> None:
    assert named(mentions, text) == []
