"""How every action runs: read the turn, work out the outcome, then speak and remember."""

from __future__ import annotations

import pkgutil
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from importlib import import_module
from inspect import isabstract
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

import actions
from actions.context import in_context
from actions.knowledge import catalogue, one_catalogue
from actions.reply import Button, Outcome, Reply, custom, understood
from actions.resolve import Resolution, resolve
from actions.turn import Turn, read_turn
from actions.which import ask_which_product, human_button, payload, unknown_product
from steward.catalogue import Fact, Product


class SpokenAction(Action, ABC):
    """An action that answers a turn; `topic` names it, its intent and its rule alike."""

    @property
    @abstractmethod
    def topic(self) -> str:
        """The topic's word; an action sets it as a plain class attribute."""

    def name(self) -> str:
        """The action's name in `domain.yml` and the rules."""
        return f"action_{self.topic}"

    @classmethod
    def made(cls, own_topics: Iterable[str]) -> Iterable[SpokenAction]:
        """The actions of this class: one, unless it stands for the shop's own topics."""
        return (cls(),)

    @abstractmethod
    def outcome(self, turn: Turn) -> Outcome:
        """What to say to this turn and what to remember of it; no side effects."""

    def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[dict[str, Any]]:
        """Answer every question of the message in order, and return the slots that this leaves."""
        slots: dict[str, Any] = {}
        message = read_turn(tracker)
        told = {"understood": understood(message)}
        with one_catalogue() as facts:
            for turn, outcome in answers(self, message.of_what_is_sold(facts.products)):
                _speak(dispatcher, outcome, turn, told)
                told = {}
                slots.update(outcome.slots)
        return [SlotSet(name, value) for name, value in slots.items()]


class ProductAction(SpokenAction, ABC):
    """A topic that needs to know the product: finds it, or asks which one is meant."""

    most_products: ClassVar[int] = 3

    @abstractmethod
    def tell(self, product: Product, turn: Turn) -> Reply:
        """The answer for one product."""

    def outcome(self, turn: Turn) -> Outcome:
        """One answer for each product meant, or the question which one is."""
        found = resolve(turn, catalogue())
        return self.outcome_for(turn, found)

    def outcome_for(self, turn: Turn, found: Resolution) -> Outcome:
        """The outcome once it is known what products the turn means."""
        if found.unknown:
            return unknown_product(self.topic, found, turn.question)
        if not found.skus or len(found.skus) > self.most_products:
            return ask_which_product(self.topic, found, turn.question)
        products = [catalogue().products[sku] for sku in found.skus]
        replies = tuple(self.tell(product, turn) for product in products)
        last_question = {"kind": "offer_human"} if replies[-1].act == "offer_human" else {}
        return Outcome(replies, found.skus[-1], found.skus, self.topic, last_question)


class GuideAction(ProductAction, ABC):
    """A topic whose answers are the catalogue's guide rows for a product."""

    most_further: ClassVar[int] = 3

    def tell(self, product: Product, turn: Turn) -> Reply:
        """The rows that the question asks about, with buttons for what else the guide holds."""
        facts = catalogue().facts(product.sku, self.topic)
        chosen = tuple(fact for fact in facts if fact.aspect == turn.aspect)
        chosen = chosen or catalogue().pick(facts, turn.question)
        if not chosen:
            return missing_fact(self.topic, product)
        return Reply(
            f"utter_{self.topic}",
            "answer",
            self.topic,
            (product.sku,),
            tuple(dict.fromkeys(fact.source for fact in chosen)),
            {"product": product.name, "answer": "\n".join(fact.text for fact in chosen)},
            self._further(product, facts, chosen),
        )

    def _further(
        self, product: Product, facts: tuple[Fact, ...], chosen: tuple[Fact, ...]
    ) -> tuple[Button, ...]:
        rest = [fact for fact in facts if fact not in chosen][: self.most_further]
        return tuple(
            {
                "title": fact.title,
                "payload": payload(self.topic, {"product": product.sku, "aspect": fact.aspect}),
            }
            for fact in rest
        )


class ShopAction(SpokenAction, ABC):
    """A topic about the shop itself, answered from the shop's own facts."""

    def outcome(self, turn: Turn) -> Outcome:
        """The facts that the question asks about."""
        chosen = catalogue().pick(catalogue().shop(self.topic), turn.text)
        found = resolve(turn, catalogue())
        named = found.skus if len(found.skus) == 1 else None
        sources = tuple(dict.fromkeys(fact.source for fact in chosen))
        values = {"answer": "\n".join(fact.text for fact in chosen)}
        reply = Reply(f"utter_{self.topic}", "answer", self.topic, (), sources, values)
        told = {"kind": "told", "topic": self.topic}
        return Outcome((reply,), named[0] if named else None, named, pending=told)


class SmallTalkAction(SpokenAction, ABC):
    """A topic that has one thing to say."""

    def outcome(self, turn: Turn) -> Outcome:
        """The response of that name."""
        return Outcome((Reply(f"utter_{self.topic}", "smalltalk", self.topic),))


def missing_fact(topic: str, product: Product) -> Reply:
    """Say that the shop's facts hold no answer, and offer a person."""
    values = {"product": product.name}
    return Reply("utter_missing_fact", "offer_human", topic, (product.sku,), (), values, (human_button(),))


def answers(action: SpokenAction, turn: Turn) -> Iterator[tuple[Turn, Outcome]]:
    """Every question of a turn with its outcome, in order; each remembers what the one before it left.

    `action` answers what the message is by itself; what it means after what was said before may be another's.

    Where one asks which product is meant, those behind it wait, and are answered together with it.
    """
    read = in_context(turn)
    if read is not turn:
        action = action_for(read.intent)
    waiting = deque(turn.questions or (read,))
    slots: dict[str, Any] = {}
    while waiting:
        now = waiting.popleft().after(slots)
        outcome = action_for(now.intent).outcome(now) if slots or turn.questions else action.outcome(now)
        if outcome.asks_which_product:
            outcome = outcome.postponing(waiting)
            waiting.clear()
        elif not slots and outcome.topic == turn.pending.get("topic"):
            waiting.extend(turn.postponed)
        slots.update(outcome.slots)
        yield now, outcome


def all_actions() -> Mapping[str, SpokenAction]:
    """Every action of this package, by topic; also those of the topics that the shop made itself."""
    return _actions(tuple(catalogue().own_topics))


@lru_cache(maxsize=1)
def _actions(own_topics: tuple[str, ...]) -> Mapping[str, SpokenAction]:
    for module in pkgutil.iter_modules(actions.__path__, "actions."):
        import_module(module.name)
    return {kind.topic: kind for kind in _made(SpokenAction, own_topics)}


def action_for(topic: str) -> SpokenAction:
    """The action of a topic."""
    return all_actions()[topic]


def _made(kind: type[Any], own_topics: tuple[str, ...]) -> Iterator[SpokenAction]:
    if not isabstract(kind):
        yield from kind.made(own_topics)
    for below in kind.__subclasses__():
        yield from _made(below, own_topics)


def _speak(dispatcher: CollectingDispatcher, outcome: Outcome, turn: Turn, told: Mapping[str, Any]) -> None:
    """Say the replies; `told` goes to the desk with the first."""
    for reply in outcome.replies:
        dispatcher.utter_message(
            response=reply.response,
            buttons=[dict(button) for button in reply.buttons],
            json_message={**custom(reply, turn), **told},
            **reply.values,
        )
        told = {}
