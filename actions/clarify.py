"""Not sure what is meant, or sure that it is nothing the shop answers."""

from __future__ import annotations

from actions.base import SpokenAction
from actions.inform import Inform
from actions.knowledge import catalogue, title_of
from actions.reply import Button, Outcome, Reply
from actions.resolve import newly_named, resolve
from actions.turn import Turn
from actions.which import human_button, payload

_MOST_READINGS = 3
# A reading below this share is noise, not something the customer may have meant.
_LEAST_SHARE = 0.05
# A message of so few words that names a product has no room for a question of its own.
_SHORT = 4


class Clarify(SpokenAction):
    """Asks with the likeliest readings as buttons; unsure again, hands over."""

    topic = "clarify"

    def outcome(self, turn: Turn) -> Outcome:
        """A question the first time, a person the second."""
        if _only_names_a_product(turn):
            return Inform().outcome(turn)
        if turn.waits_for("clarify") or turn.waits_for("out_of_scope"):
            return Outcome((Reply("utter_handoff_unsure", "handoff", None, handoff="low_confidence"),))
        found = resolve(turn, catalogue())
        sku = found.skus[0] if len(found.skus) == 1 else None
        topics = _readings(turn)
        buttons = (*(_button(topic, sku) for topic in topics), human_button())
        response = "utter_clarify" if topics else "utter_clarify_open"
        reply = Reply(response, "clarify", None, found.skus[:1] if sku else (), buttons=buttons)
        product = sku if newly_named(turn, catalogue()) else None
        return Outcome((reply,), product, pending={"kind": "clarify", "topics": list(topics)})


class OutOfScope(SpokenAction):
    """Says what the bot can do; again, offers a person."""

    topic = "out_of_scope"

    def outcome(self, turn: Turn) -> Outcome:
        """What the shop answers the first time, a person offered the second."""
        if turn.waits_for("out_of_scope") or turn.waits_for("clarify"):
            reply = Reply("utter_out_of_scope_again", "offer_human", self.topic, buttons=(human_button(),))
            return Outcome((reply,), pending={"kind": "offer_human", "reason": "customer_asked"})
        reply = Reply("utter_out_of_scope", "clarify", self.topic)
        return Outcome((reply,), pending={"kind": "out_of_scope"})


def _only_names_a_product(turn: Turn) -> bool:
    """Whether this answers "which product?", or corrects the product just talked about ("no, the 500")."""
    if not newly_named(turn, catalogue()):
        return False
    return turn.waits_for("which_product") or (bool(turn.topic) and len(turn.text.split()) <= _SHORT)


def _readings(turn: Turn) -> tuple[str, ...]:
    """The topics that a button can offer, likeliest first."""
    likely = [topic for topic, share in turn.readings if share >= _LEAST_SHARE]
    return tuple(topic for topic in likely if title_of(topic))[:_MOST_READINGS]


def _button(topic: str, sku: str | None) -> Button:
    entities = {"product": sku} if sku else None
    return {"title": title_of(topic) or topic, "payload": payload(topic, entities)}
