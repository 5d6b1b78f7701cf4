"""Asking which product is meant, with buttons that carry the question on."""

from __future__ import annotations

import json
from collections.abc import Mapping

from actions.knowledge import catalogue, words
from actions.reply import Button, Outcome, Reply
from actions.resolve import Resolution


def ask_which_product(
    topic: str, found: Resolution, question: str = "", *, known: tuple[str, ...] = ()
) -> Outcome:
    """Ask for the product among the candidates, or among the categories when it could be any.

    `question` is what the customer wrote so far, kept for the answer; `known` are products that are settled
    already, as the first of two to compare.
    """
    response = "utter_ask_which_of" if found.candidates else "utter_ask_which_product"
    buttons = product_buttons(topic, found.candidates, known) if found.candidates else category_buttons(topic)
    reply = Reply(response, "ask_which_product", topic, found.candidates, buttons=buttons)
    return Outcome((reply,), pending=_waiting(topic, found, question, known))


def unknown_product(topic: str, found: Resolution, question: str = "") -> Outcome:
    """Say that the shop has no product of that name, and offer those that come near, or a person."""
    buttons = (*product_buttons(topic, found.candidates), human_button())
    values = {"name": found.unknown or ""}
    reply = Reply("utter_unknown_product", "ask_which_product", topic, (), values=values, buttons=buttons)
    return Outcome((reply,), pending=_waiting(topic, found, question, ()))


def _waiting(topic: str, found: Resolution, question: str, known: tuple[str, ...]) -> dict[str, object]:
    return {
        "kind": "which_product",
        "topic": topic,
        "skus": list(found.candidates),
        "known": list(known),
        "question": question,
    }


def product_buttons(topic: str, skus: tuple[str, ...], known: tuple[str, ...] = ()) -> tuple[Button, ...]:
    """A button for each product, asking the topic of it."""
    chosen: Mapping[str, object] = {}
    buttons = []
    for sku in skus:
        chosen = {"product": [*known, sku] if known else sku}
        buttons.append({"title": catalogue().products[sku].name, "payload": payload(topic, chosen)})
    return tuple(buttons)


def category_buttons(topic: str) -> tuple[Button, ...]:
    """A button for each category that the shop sells."""
    buttons = []
    for category, skus in catalogue().categories().items():
        chosen = {"product": skus[0]} if len(skus) == 1 else {"category": category}
        buttons.append({"title": category[:1].upper() + category[1:], "payload": payload(topic, chosen)})
    return tuple(buttons)


def human_button() -> Button:
    """The way to a person."""
    return {"title": words().say("utter_button_human"), "payload": "/human"}


def payload(intent: str, entities: Mapping[str, object] | None = None) -> str:
    """Rasa's short form of an intent with its entities."""
    return f"/{intent}{json.dumps(entities)}" if entities else f"/{intent}"
