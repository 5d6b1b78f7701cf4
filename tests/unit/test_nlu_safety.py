"""Danger is noticed by rules, whatever the model thinks."""

from __future__ import annotations

import pytest
from rasa.shared.nlu.training_data.message import Message

from steward.nlu.safety import SafetyRules, rules


@pytest.mark.parametrize(
    ("text", "hazard"),
    [
        ("i smell gas", "gas"),
        ("There's a GAS smell in my kitchen!", "gas"),
        ("when can someone service my ember? also it smells a bit gassy", "gas"),
        ("what should i do if i smell gas", "gas"),
        ("es riecht nach Gas", "gas"),
        ("the carbon monoxide alarm went off", "gas"),
        ("burning smell from the robot", "burning"),
        ("smoke is coming out of the dishwasher", "burning"),
        ("the plug is melting", "burning"),
        ("i got an electric shock", "shock"),
        ("my son was shocked by the dishwasher", "shock"),
        ("bare wires are sticking out", "shock"),
        ("water is dripping into the socket", "water"),
        ("the dishwasher leaks onto the power strip", "water"),
        ("the battery is swollen", "battery"),
        ("my trimmer battery is so hot i can't hold it", "battery"),
        ("the machine is on fire", "fire"),
    ],
)
def test_a_danger_is_recognised(text: str, hazard: str) -> None:
    assert rules().hazard_in(text) == hazard


@pytest.mark.parametrize(
    "text",
    [
        "my gas bill is too high",
        "is there enough hot water for two showers",
        "no gas smell, just asking about the price",
        "there's no smell of gas but the heater won't light",
        "battery gets hot in summer?",
        "i'm shocked at the price",
        "shocking service",
        "the espresso tastes burnt",
        "do you sell a fireplace",
        "how long does the battery last",
        "the dishwasher leaks",
        "what size gas pipe does it need",
        "how do i stop smoking",
        "where is the firmware update",
    ],
)
def test_a_near_miss_is_left_alone(text: str) -> None:
    assert rules().hazard_in(text) is None


def test_a_denial_in_one_sentence_does_not_silence_the_next() -> None:
    assert rules().hazard_in("It does not start. There is a smell of gas.") == "gas"


def test_a_danger_overrules_the_model() -> None:
    message = Message(
        {"text": "what does it cost? it smells of gas", "intent": {"name": "price", "confidence": 0.99}}
    )
    SafetyRules().process([message])
    assert message.get("intent") == {"name": "safety", "confidence": 1.0}
    assert message.get("hazard") == "gas"
    assert {"intent", "hazard"} <= message.output_properties


def test_a_likely_danger_passes_the_gate() -> None:
    ranking = [{"name": "safety", "confidence": 0.6}, {"name": "usage", "confidence": 0.3}]
    message = Message(
        {"text": "odd", "intent": {"name": "nlu_fallback", "confidence": 0.6}, "intent_ranking": ranking}
    )
    SafetyRules().process([message])
    assert message.get("intent") == ranking[0]
    assert message.get("hazard") is None
