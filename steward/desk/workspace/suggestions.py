"""What the catalogue has to say to a customer, for an agent to send with one key. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from steward.catalogue import Catalogue, Fact, Product, Stock
from steward.catalogue.model import GUIDE_TOPICS, SHOP_TOPICS
from steward.catalogue.text import stem, tokens

MOST = 5
_FALLBACKS = ("price", "availability")
# Price and stock have no facts whose keywords could be matched.
_ALSO = {"price": ("cost", "much", "expensiv"), "availability": ("stock", "availabl")}
_TOPICS = ("product", *GUIDE_TOPICS, *_FALLBACKS, *SHOP_TOPICS)
_PRODUCTS = 3
_MESSAGES = 3

WORDS: dict[str, dict[str, str]] = {
    "utter_price": {"product": "Rill 300", "price": "€189.00", "details": ""},
    "utter_in_stock": {"product": "Rill 300", "note": ""},
    "utter_few_left": {"product": "Rill 300", "count": "2", "note": ""},
    "utter_back_on": {"product": "Rill 300", "back_on": "3 May 2030", "note": ""},
    "utter_sold_out": {"product": "Rill 300", "note": ""},
    "utter_title_price": {},
    "utter_title_availability": {},
}
"""The responses that suggestions are worded with, each with an example of its placeholders."""

Say = Callable[..., str]


@dataclass(frozen=True)
class Suggestion:
    """Words that an agent may send; `source` is what they rest on."""

    title: str
    text: str
    source: str


def suggest(
    catalogue: Catalogue, say: Say, topic: str | None, skus: Sequence[str], asked: Sequence[str]
) -> tuple[Suggestion, ...]:
    """At most five, the best first: what the customer's newest messages ask for, then what the topic offers.

    `asked` are the customer's last messages, the newest last. A topic that a message names goes before the
    conversation's own, and that before all others.
    """
    products = [product for sku in skus[:_PRODUCTS] if (product := catalogue.product(sku))]
    found: dict[str, Suggestion] = {}
    for suggestion in _ranked(catalogue, say, topic, products, asked):
        found.setdefault(suggestion.text, suggestion)
        if len(found) == MOST:
            break
    return tuple(found.values())


def _ranked(
    catalogue: Catalogue, say: Say, topic: str | None, products: Sequence[Product], asked: Sequence[str]
) -> Iterator[Suggestion]:
    for message in [text for text in reversed(asked) if text.strip()][:_MESSAGES]:
        named = {stem(word) for word in tokens(message)}
        for one in sorted(_TOPICS, key=lambda one: (not _named(one, named), one != topic)):
            if _named(one, named):
                yield from _own(catalogue, say, one, products)
            yield from _asked_for(catalogue, one, products, message)
    yield from _own(catalogue, say, topic, products)
    if topic:
        for group in _groups(catalogue, topic, products):
            yield from (_of(fact, catalogue) for fact in group[:2])
    for fallback in _FALLBACKS:
        yield from _own(catalogue, say, fallback, products)


def _named(topic: str, stems: set[str]) -> bool:
    """Whether a message with these stems speaks of the topic by name."""
    return not stems.isdisjoint({stem(topic), *_ALSO.get(topic, ())})


def _asked_for(
    catalogue: Catalogue, topic: str, products: Sequence[Product], message: str
) -> Iterator[Suggestion]:
    """The facts of a topic that the message asks for."""
    for group in _groups(catalogue, topic, products):
        for fact in catalogue.asked_for(group, message):
            yield _of(fact, catalogue)


def _groups(catalogue: Catalogue, topic: str, products: Sequence[Product]) -> list[tuple[Fact, ...]]:
    if topic in SHOP_TOPICS:
        return [catalogue.shop(topic)]
    return [facts for product in products if (facts := catalogue.facts(product.sku, topic))]


def _own(
    catalogue: Catalogue, say: Say, topic: str | None, products: Sequence[Product]
) -> Iterator[Suggestion]:
    """Price and stock, which are not facts with a text of their own."""
    for product in products:
        price, stock = catalogue.price(product.sku), catalogue.stock(product.sku)
        if topic == "price" and price:
            details = "\n".join(filter(None, (price.offer, price.instalments, price.running_cost)))
            text = say("utter_price", product=product.name, price=price.shown, details=details)
            yield Suggestion(f"{product.name}: {say('utter_title_price')}", text, price.source)
        if topic == "availability" and stock:
            title = f"{product.name}: {say('utter_title_availability')}"
            yield Suggestion(title, _stock_text(product, stock, say), stock.source)


def _stock_text(product: Product, stock: Stock, say: Say) -> str:
    values = {"product": product.name, "count": str(stock.count), "note": stock.note}
    if stock.level != "out":
        return say("utter_in_stock" if stock.level == "in" else "utter_few_left", **values)
    if stock.back_on is None:
        return say("utter_sold_out", **values)
    back_on = f"{stock.back_on.day} {stock.back_on:%B %Y}"
    return say("utter_back_on", **values, back_on=back_on)


def _of(fact: Fact, catalogue: Catalogue) -> Suggestion:
    product = catalogue.product(fact.sku)
    title = f"{product.name}: {fact.title}" if product else fact.title
    return Suggestion(title, fact.text, fact.source)
