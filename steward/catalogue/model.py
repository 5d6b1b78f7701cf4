"""What a catalogue holds. Plain values: nothing here reads a file or words a reply."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

GUIDE_TOPICS = (
    "planning",
    "installation",
    "usage",
    "training",
    "maintenance",
    "troubleshooting",
    "upgrade",
    "disposal",
    "warranty",
)
"""Topics on which every product has at least one fact."""

SHOP_TOPICS = ("delivery", "returns", "ordering", "hours")
"""Topics that are about the shop and not about a product."""

BUILT_IN_TOPICS = (
    *GUIDE_TOPICS,
    *SHOP_TOPICS,
    "product",
    "price",
    "availability",
    "comparison",
    "order_status",
    "complaint",
    "human",
    "inform",
    "affirm",
    "deny",
    "greet",
    "goodbye",
    "thanks",
    "feedback",
    "capabilities",
    "bot_challenge",
    "other_language",
    "out_of_scope",
    "safety",
)
"""Every topic that the bot knows without the shop's doing; a shop's own topics are called otherwise."""

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

_FEW = 5


@dataclass(frozen=True)
class Product:
    """One article that the shop sells."""

    sku: str
    name: str
    family: str
    category: str
    synonyms: tuple[str, ...]
    summary: str
    highlights: tuple[str, ...]
    in_the_box: tuple[str, ...]
    size: str
    fits: str
    good_for: str
    image: str

    @property
    def source(self) -> str:
        """What a reply names when it rests on this."""
        return f"catalogue:{self.sku}/product"


@dataclass(frozen=True)
class Price:
    """What a product costs to buy, to pay off and to run. Texts are whole sentences, or empty."""

    sku: str
    amount: Decimal
    currency: str
    offer: str
    instalments: str
    running_cost: str

    @property
    def shown(self) -> str:
        """The amount as customers read it: "€189.00"; other currencies than the euro by their code."""
        return f"€{self.amount:,.2f}" if self.currency == "EUR" else f"{self.amount:,.2f} {self.currency}"

    @property
    def source(self) -> str:
        """What a reply names when it rests on this."""
        return f"catalogue:{self.sku}/price"


@dataclass(frozen=True)
class Stock:
    """How many of a product are there, and when it is back if there are none."""

    sku: str
    count: int
    back_on: date | None
    note: str

    @property
    def level(self) -> Literal["in", "low", "out"]:
        """In stock, nearly sold out, or sold out."""
        if not self.count:
            return "out"
        return "in" if self.count > _FEW else "low"

    @property
    def source(self) -> str:
        """What a reply names when it rests on this."""
        return f"catalogue:{self.sku}/availability"


@dataclass(frozen=True)
class Fact:
    """One answer about one aspect of a topic; ``sku`` is empty when it is about the shop."""

    sku: str
    topic: str
    aspect: str
    title: str
    keywords: tuple[str, ...]
    text: str

    @property
    def source(self) -> str:
        """What a reply names when it rests on this."""
        return f"catalogue:{self.sku}/{self.topic}" if self.sku else f"shop:{self.topic}"


@dataclass(frozen=True)
class OwnTopic:
    """A topic that the shop made itself.

    Its answer is the response `utter_<name>`; where it needs the product, with the product's own fact in it.
    """

    name: str
    title: str
    product_needed: bool


@dataclass(frozen=True)
class Spec:
    """One measured property; the same name means the same thing, in the same unit, for every product."""

    sku: str
    name: str
    value: str
    unit: str

    @property
    def shown(self) -> str:
        """The value with its unit: "32 cm"."""
        return f"{self.value} {self.unit}".strip()

    @property
    def source(self) -> str:
        """What a reply names when it rests on this."""
        return f"catalogue:{self.sku}/specs"


@dataclass(frozen=True)
class Span:
    """When the shop is open within a day, in minutes since midnight; 24:00 is 1440."""

    opens: int
    closes: int


@dataclass(frozen=True)
class OpeningHours:
    """When people are there, by the clock of `time_zone`.

    `week` has the spans of Monday to Sunday in order. `days` are the dates on which other spans hold: none
    when the shop is closed then.
    """

    time_zone: str
    week: tuple[tuple[Span, ...], ...]
    days: Mapping[date, tuple[Span, ...]]


@dataclass(frozen=True)
class Name:
    """What customers write for a product, a family or a category; lower case, unique in a catalogue."""

    text: str
    skus: tuple[str, ...]
    kind: Literal["product", "family", "category"]
