"""The difference between two products."""

from __future__ import annotations

from actions.base import SpokenAction
from actions.knowledge import catalogue, words
from actions.reply import Outcome, Reply
from actions.resolve import Resolution, resolve
from actions.turn import Turn
from actions.which import ask_which_product, unknown_product
from steward.catalogue import Product

_MOST_SPECS = 8


class Comparison(SpokenAction):
    """Answers the topic `comparison`."""

    topic = "comparison"

    def outcome(self, turn: Turn) -> Outcome:
        """Two products side by side, or the question which the second is."""
        found = resolve(turn, catalogue())
        if found.unknown:
            return unknown_product(self.topic, found, turn.question)
        pair = _pair(turn, found)
        if len(pair) == 2:
            return Outcome((_compare(*pair),), pair[-1], pair, self.topic)
        others = Resolution(candidates=tuple(sku for sku in found.candidates if sku not in pair))
        return ask_which_product(self.topic, others, turn.question, known=pair)


def _pair(turn: Turn, found: Resolution) -> tuple[str, ...]:
    """The two products meant, as far as they are known: named, then remembered, then the only sibling."""
    if len(found.candidates) == 2:
        return found.candidates
    known = tuple(turn.pending.get("known") or ()) if turn.waits_for("which_product") else ()
    before = turn.discussed[-2:] if len(turn.discussed) > 1 and not turn.mentions else (turn.product,)
    named = tuple(dict.fromkeys((*known, *found.skus)))[:2]
    if len(named) == 2:
        return named
    remembered = tuple(sku for sku in before if sku in catalogue().products)
    together = tuple(dict.fromkeys((*named, *remembered)))[:2]
    return together if len(together) == 2 else _with_sibling(together)


def _with_sibling(skus: tuple[str, ...]) -> tuple[str, ...]:
    if len(skus) != 1:
        return skus
    alike = catalogue().categories()[catalogue().products[skus[0]].category]
    return alike if len(alike) == 2 else skus


def _compare(first: str, second: str) -> Reply:
    one, two = catalogue().products[first], catalogue().products[second]
    values = {
        "first": one.name,
        "second": two.name,
        "rows": "\n".join(_rows(one, two)),
        "first_good_for": one.good_for,
        "second_good_for": two.good_for,
    }
    sources = tuple(f"catalogue:{sku}/comparison" for sku in (first, second))
    return Reply("utter_comparison", "answer", "comparison", (first, second), sources, values)


def _rows(one: Product, two: Product) -> list[str]:
    """A line for each spec that both have and that differs, in the first one's order, after the price."""
    pairs = [(mine.name, mine.shown, yours.shown) for mine, yours in catalogue().compare(one.sku, two.sku)]
    differing = [pair for pair in (*_prices(one, two), *pairs) if pair[1] != pair[2]]
    return [f"• {name}: {mine} / {yours}" for name, mine, yours in differing[:_MOST_SPECS]]


def _prices(one: Product, two: Product) -> list[tuple[str, str, str]]:
    mine, yours = catalogue().price(one.sku), catalogue().price(two.sku)
    return [(words().say("utter_title_price_row"), mine.shown, yours.shown)] if mine and yours else []
