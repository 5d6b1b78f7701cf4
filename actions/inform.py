"""A message that only names a product: the answer to "which product?", a correction, or an opening."""

from __future__ import annotations

from actions.base import SpokenAction, action_for
from actions.knowledge import catalogue, title_of
from actions.reply import Outcome, Reply
from actions.resolve import newly_named, resolve
from actions.turn import Turn
from actions.which import ask_which_product, payload, unknown_product

_OFFERED_TOPICS = ("product", "price", "installation", "usage", "maintenance", "troubleshooting")


class Inform(SpokenAction):
    """Carries on with the topic that waits for a product, or asks what to tell about it."""

    topic = "inform"

    def outcome(self, turn: Turn) -> Outcome:
        """The waiting topic's answer for this product, or the choice of topics."""
        if turn.waits_for("which_product"):
            return _carry_on(str(turn.pending["topic"]), turn)
        if _corrects(turn):
            return _carry_on(str(turn.topic), turn)
        return _open(turn)


class Affirm(SpokenAction):
    """A yes: to a person when one was offered."""

    topic = "affirm"

    def outcome(self, turn: Turn) -> Outcome:
        """The handoff that was offered, the product that was confirmed, or an invitation to ask."""
        if turn.waits_for("offer_human"):
            return action_for("human").outcome(turn)
        if newly_named(turn, catalogue()):
            return Inform().outcome(turn)
        if turn.waits_for("which_product"):
            return _carry_on(str(turn.pending["topic"]), turn)
        return Outcome((Reply("utter_affirm", "smalltalk", self.topic),))


class Deny(SpokenAction):
    """A no, which may carry a correction: "no, the 500"."""

    topic = "deny"

    def outcome(self, turn: Turn) -> Outcome:
        """The corrected answer, or an invitation to ask otherwise."""
        if newly_named(turn, catalogue()):
            return Inform().outcome(turn)
        declined = turn.waits_for("offer_human")
        return Outcome((Reply("utter_deny_human" if declined else "utter_deny", "smalltalk", self.topic),))


def _carry_on(topic: str, turn: Turn) -> Outcome:
    """The topic's own answer, for what this turn names."""
    return _open(turn) if topic == "inform" else action_for(topic).outcome(turn)


def _corrects(turn: Turn) -> bool:
    """Whether a topic was just answered and this names another product for it."""
    return bool(turn.topic) and not turn.waits_for("clarify") and newly_named(turn, catalogue())


def _open(turn: Turn) -> Outcome:
    """Ask what to tell about the product named."""
    found = resolve(turn, catalogue())
    if found.unknown:
        return unknown_product("inform", found)
    if len(found.skus) != 1:
        return ask_which_product("inform", found)
    product = catalogue().products[found.skus[0]]
    asked = [topic for topic in turn.pending.get("topics", ()) if turn.waits_for("clarify")]
    buttons = tuple(
        {"title": title_of(topic) or topic, "payload": payload(topic, {"product": product.sku})}
        for topic in asked or _OFFERED_TOPICS
    )
    reply = Reply(
        "utter_inform", "clarify", "inform", found.skus, values={"product": product.name}, buttons=buttons
    )
    return Outcome((reply,), product.sku, found.skus)
