"""The topics that the shop made itself: their answers are the shop's words, and a product's own fact."""

from __future__ import annotations

from collections.abc import Iterable

from actions.base import ProductAction, SpokenAction, all_actions, missing_fact
from actions.knowledge import catalogue, words
from actions.reply import Outcome, Reply
from actions.resolve import resolve
from actions.turn import Turn
from steward.catalogue import Product


class OwnTopicAction(ProductAction):
    """Answers one of the shop's own topics; made without one, whichever the turn is about.

    The rules of all own topics call the one action `action_own_topic`.
    """

    def __init__(self, topic: str = "own_topic") -> None:
        self._topic = topic

    @property
    def topic(self) -> str:
        """The topic's name in the catalogue."""
        return self._topic

    def name(self) -> str:
        """The same for every own topic."""
        return "action_own_topic"

    @classmethod
    def made(cls, own_topics: Iterable[str]) -> Iterable[SpokenAction]:
        """One for each own topic of the shop."""
        return (cls(), *map(cls, own_topics))

    def outcome(self, turn: Turn) -> Outcome:
        """The topic's answer, for each product meant where it needs one."""
        own = catalogue().own_topics.get(self._topic)
        if own is None:
            known = all_actions()
            # The model may be older than the catalogue, and know a topic that the shop has given up.
            return known.get(turn.intent, known["clarify"]).outcome(turn)
        return super().outcome(turn) if own.product_needed else self._of_the_shop(turn)

    def tell(self, product: Product, turn: Turn) -> Reply:
        """The response with the product's fact in it; a response that asks for a fact is not said without."""
        facts = catalogue().facts(product.sku, self.topic)
        if not facts and "{answer}" in (words().get(f"utter_{self.topic}") or ""):
            return missing_fact(self.topic, product)
        sources = tuple(fact.source for fact in facts) or (self._response_source,)
        values = {"product": product.name, "answer": "\n".join(fact.text for fact in facts)}
        return Reply(f"utter_{self.topic}", "answer", self.topic, (product.sku,), sources, values)

    def _of_the_shop(self, turn: Turn) -> Outcome:
        found = resolve(turn, catalogue())
        named = found.skus if len(found.skus) == 1 else None
        reply = Reply(f"utter_{self.topic}", "answer", self.topic, (), (self._response_source,))
        told = {"kind": "told", "topic": self.topic}
        return Outcome((reply,), named[0] if named else None, named, pending=told)

    @property
    def _response_source(self) -> str:
        return f"domain:utter_{self.topic}"
