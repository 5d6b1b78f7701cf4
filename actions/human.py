"""Handing the conversation to a person: asked for, or because an order or a complaint needs one."""

from __future__ import annotations

from actions.base import SpokenAction
from actions.reply import Outcome, Reply
from actions.turn import Turn
from actions.which import human_button


class Human(SpokenAction):
    """Hands over at once when the customer asks for a person."""

    topic = "human"

    def outcome(self, turn: Turn) -> Outcome:
        """The handoff, with the reason why a person was offered before, if one was."""
        reason = turn.pending.get("reason") if turn.waits_for("offer_human") else None
        return Outcome((Reply("utter_handoff", "handoff", self.topic, handoff=reason or "customer_asked"),))


class OrderStatus(SpokenAction):
    """Hands over at once: orders are seen by people only."""

    topic = "order_status"

    def outcome(self, turn: Turn) -> Outcome:
        """The handoff, asking to have the order number at hand."""
        return Outcome((Reply("utter_order_status", "handoff", self.topic, handoff="order_status"),))


class Complaint(SpokenAction):
    """Offers a person to an unhappy customer."""

    topic = "complaint"

    def outcome(self, turn: Turn) -> Outcome:
        """The offer; a second complaint in a row is handed over at once."""
        if turn.waits_for("offer_human") and turn.pending.get("reason") == "complaint":
            return Outcome((Reply("utter_handoff", "handoff", self.topic, handoff="complaint"),))
        reply = Reply("utter_complaint", "offer_human", self.topic, buttons=(human_button(),))
        return Outcome((reply,), pending={"kind": "offer_human", "reason": "complaint"})


class OtherLanguage(SpokenAction):
    """Answers another language with a sentence in it, and the offer of a person."""

    topic = "other_language"
    spoken = ("de", "es", "fr", "it", "nl", "pl", "pt")

    def outcome(self, turn: Turn) -> Outcome:
        """The offer in the customer's language where there is a response for it."""
        language = turn.language if turn.language in self.spoken else "any"
        reply = Reply(f"utter_other_language_{language}", "offer_human", None)
        return Outcome((reply,), pending={"kind": "offer_human", "reason": "customer_asked"})
