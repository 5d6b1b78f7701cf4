"""What the actions tell the desk about how a message was read."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions.base import action_for
from actions.reply import understood
from actions.turn import Mention, Turn
from steward.desk.improve.turns import understood_of
from steward.nlu.classifier import packed

NEAREST = {"text": "what does it cost", "intent": "price", "similarity": 0.8}


def message(text: str, intent: str = "price", **more: Any) -> dict[str, Any]:
    """A message as the NLU leaves it in the tracker."""
    return {
        "text": text,
        "intent": {"name": intent, "confidence": 0.91234},
        "intent_ranking": [{"name": name, "confidence": 0.1} for name in "abcdefg"],
        "entities": [],
        "mentions": [{"text": "rill", "kind": "product", "skus": ["RL-300"], "end": 4}],
        "evidence": {"threshold": 0.55, "nearest": NEAREST, "vector": "AAAA"},
        **more,
    }


def said(read: dict[str, Any], slots: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    """The payloads of all replies to a message."""
    tracker = Tracker("s", slots or {}, read, [], False, None, {}, None)
    dispatcher = CollectingDispatcher()
    action_for(read["intent"]["name"]).run(dispatcher, tracker, {})
    return [one["custom"] for one in dispatcher.messages]


def test_the_first_reply_tells_how_the_message_was_read() -> None:
    (only,) = said(message("what does the rill cost"))
    assert only["meta"]["act"] == "answer"
    assert only["understood"] == {
        "intent": "price",
        "confidence": 0.9123,
        "threshold": 0.55,
        "ranking": [[name, 0.1] for name in "abcde"],
        "nearest": NEAREST,
        "skus": ["RL-300"],
        "hazard": None,
        "language": None,
        "vector": "AAAA",
    }


def test_of_several_replies_only_the_first_does() -> None:
    parts = [message("price of the rill"), message("is there a warranty on the rill", "warranty")]
    first, second = said(message("price and warranty of the rill", questions=parts))
    assert [one["meta"]["topic"] for one in (first, second)] == ["price", "warranty"]
    assert "understood" in first and "understood" not in second


def test_a_button_needs_no_understanding() -> None:
    (only,) = said(message('/price{"product": "RL-300"}', mentions=None))
    assert only["understood"] is None


def test_every_product_named_is_told_once() -> None:
    both = Mention("the taps", "family", ("RL-300", "RL-500"))
    told = understood(Turn(text="taps", mentions=(both, Mention("rill 300", "product", ("RL-300",)))))
    assert told is not None and told["skus"] == ["RL-300", "RL-500"]


def test_the_meaning_survives_being_packed() -> None:
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(20, 768)).astype(np.float32)
    for row in rows:
        sent = packed(row)
        assert sent is not None and len(base64.b64decode(sent)) == 384
        read = understood_of({"vector": sent}).vector
        assert read is not None
        back = np.frombuffer(read, np.int8).astype(np.float32)
        assert back @ row[:384] / np.linalg.norm(back) / np.linalg.norm(row[:384]) > 0.999
    assert packed(np.zeros(768, np.float32)) is None
    assert packed(np.zeros(0, np.float32)) is None
