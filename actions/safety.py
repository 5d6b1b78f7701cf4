"""A hazard: the instruction for it first, and a person at once."""

from __future__ import annotations

from actions.base import SpokenAction
from actions.reply import Outcome, Reply
from actions.turn import Turn


class Safety(SpokenAction):
    """Answers the topic `safety`; says what to do now before anything else."""

    topic = "safety"
    hazards = ("gas", "burning", "fire", "shock", "water", "battery")

    def outcome(self, turn: Turn) -> Outcome:
        """The instruction for the hazard found, or the one that is right for all of them."""
        hazard = turn.hazard if turn.hazard in self.hazards else "any"
        named = tuple(dict.fromkeys(m.skus[0] for m in turn.mentions if len(m.skus) == 1))
        return Outcome((Reply(f"utter_safety_{hazard}", "safety", self.topic, named, handoff="safety"),))
