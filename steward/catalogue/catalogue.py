"""The catalogue as the rest of Steward sees it: one object, read only, every look-up by index."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from itertools import islice
from types import MappingProxyType
from typing import TypeVar

from steward.catalogue import search
from steward.catalogue.model import Fact, Name, OpeningHours, OwnTopic, Price, Product, Spec, Stock
from steward.catalogue.names import grouped, names_of
from steward.catalogue.text import fold, stem, tokens

K = TypeVar("K")
V = TypeVar("V")

_VOCABULARY_SAMPLE = 2000
"""Groups of facts that are read to learn which words are spelt right; a larger shop needs no more."""


class Catalogue:
    """The shop's facts. Build it with ``load_catalogue``, which guarantees that they are complete.

    A sku that is not sold gives ``None`` or an empty tuple, never an error.
    """

    def __init__(
        self,
        *,
        products: Iterable[Product],
        prices: Iterable[Price],
        stock: Iterable[Stock],
        specs: Iterable[Spec],
        spec_keywords: Mapping[str, tuple[str, ...]],
        facts: Iterable[Fact],
        opening: OpeningHours,
        fingerprint: str,
        own_topics: Iterable[OwnTopic] = (),
    ) -> None:
        """Index the given records; their order is kept."""
        self.products: Mapping[str, Product] = MappingProxyType({p.sku: p for p in products})
        self.own_topics: Mapping[str, OwnTopic] = MappingProxyType({one.name: one for one in own_topics})
        self.opening = opening
        self.fingerprint = fingerprint
        self._prices = {price.sku: price for price in prices}
        self._stock = {entry.sku: entry for entry in stock}
        self._specs = _indexed((spec.sku, spec) for spec in specs)
        self._spec_keywords = spec_keywords
        self._facts = _indexed(((fact.sku, fact.topic), fact) for fact in facts)

    def product(self, sku: str) -> Product | None:
        """The product with this sku."""
        return self.products.get(sku)

    def price(self, sku: str) -> Price | None:
        """What the product costs."""
        return self._prices.get(sku)

    def stock(self, sku: str) -> Stock | None:
        """How many there are."""
        return self._stock.get(sku)

    def specs(self, sku: str) -> tuple[Spec, ...]:
        """The product's specifications in the order of the file."""
        return self._specs.get(sku, ())

    def compare(self, first: str, second: str) -> tuple[tuple[Spec, Spec], ...]:
        """The specifications that both products have, side by side, in the first one's order."""
        others = {spec.name: spec for spec in self.specs(second)}
        return tuple((spec, others[spec.name]) for spec in self.specs(first) if spec.name in others)

    def facts(self, sku: str, topic: str) -> tuple[Fact, ...]:
        """Everything known about a product on a topic; the first is the general answer."""
        return self._facts.get((sku, topic), ()) if sku else ()

    def shop(self, topic: str) -> tuple[Fact, ...]:
        """Everything known about the shop on a topic; the first is the general answer."""
        return self._facts.get(("", topic), ())

    def pick(self, facts: Sequence[Fact], message: str) -> tuple[Fact, ...]:
        """The facts that a message asks about: the best one or two for each product and topic given.

        Keywords match inflected, slightly misspelt and apart; error codes match however they are spaced.
        Where nothing matches, the first fact of that product and topic is given: the general answer.
        """
        return tuple(
            fact for group in _topics(facts) for fact in (self._asked_of(group, message) or group[:1])
        )

    def asked_for(self, facts: Sequence[Fact], message: str) -> tuple[Fact, ...]:
        """As `pick`, but nothing where nothing matches."""
        return tuple(fact for group in _topics(facts) for fact in self._asked_of(group, message))

    def pick_specs(self, sku: str, message: str) -> tuple[Spec, ...]:
        """The specifications that a message asks about ("how loud is it?"), in file order; or none."""
        question = self._read(sku, message)
        return tuple(
            spec
            for spec in self.specs(sku)
            if self._matcher.evidence((spec.name, *self._spec_keywords.get(spec.name, ())), question)
        )

    def families(self) -> Mapping[str, tuple[str, ...]]:
        """Family -> skus."""
        return self._families

    def categories(self) -> Mapping[str, tuple[str, ...]]:
        """Category -> skus."""
        return self._categories

    def names(self) -> tuple[Name, ...]:
        """Every form that means a product, a family or a category; each text once."""
        return self._names

    def named(self, text: str) -> Name | None:
        """What a text means when it is a name and nothing else ("the" and case do not matter)."""
        plain = " ".join(fold(text).split()).removeprefix("the ")
        return self._by_text.get(plain)

    @cached_property
    def _names(self) -> tuple[Name, ...]:
        return names_of(self.products.values())

    @cached_property
    def _by_text(self) -> Mapping[str, Name]:
        return {name.text: name for name in self._names}

    @cached_property
    def _families(self) -> Mapping[str, tuple[str, ...]]:
        return MappingProxyType(dict(grouped(self.products.values(), "family")))

    @cached_property
    def _categories(self) -> Mapping[str, tuple[str, ...]]:
        return MappingProxyType(dict(grouped(self.products.values(), "category")))

    @cached_property
    def _own_names(self) -> Mapping[str, tuple[tuple[str, ...], ...]]:
        return _indexed((sku, search.stems_of(name.text)) for name in self._names for sku in name.skus)

    @cached_property
    def _matcher(self) -> search.Matcher:
        words: set[str] = set()
        for facts in islice(self._facts.values(), _VOCABULARY_SAMPLE):
            for fact in facts:
                words.update(tokens(" ".join((fact.title, fact.text, *fact.keywords))))
        for keywords in self._spec_keywords.values():
            words.update(tokens(" ".join(keywords)))
        return search.Matcher(frozenset(stem(word) for word in words))

    def _asked_of(self, facts: tuple[Fact, ...], message: str) -> tuple[Fact, ...]:
        question = self._read(facts[0].sku, message)
        rows = search.best_rows([fact.keywords for fact in facts], question, self._matcher)
        return tuple(facts[row] for row in rows)

    def _read(self, sku: str, message: str) -> search.Question:
        return search.read(message, self._own_names.get(sku, ()))


def _topics(facts: Sequence[Fact]) -> Iterable[tuple[Fact, ...]]:
    """The facts by product and topic, in order."""
    return _indexed(((fact.sku, fact.topic), fact) for fact in facts).values()


def _indexed(pairs: Iterable[tuple[K, V]]) -> dict[K, tuple[V, ...]]:
    index: dict[K, list[V]] = {}
    for key, value in pairs:
        index.setdefault(key, []).append(value)
    return {key: tuple(values) for key, values in index.items()}
