"""The shop's facts: loaded from CSV, checked as a whole, and looked up by product, topic and question."""

from steward.catalogue.catalogue import Catalogue
from steward.catalogue.load import load_catalogue
from steward.catalogue.model import (
    BUILT_IN_TOPICS,
    GUIDE_TOPICS,
    SHOP_TOPICS,
    WEEKDAYS,
    Fact,
    Name,
    OpeningHours,
    OwnTopic,
    Price,
    Product,
    Span,
    Spec,
    Stock,
)

__all__ = [
    "BUILT_IN_TOPICS",
    "GUIDE_TOPICS",
    "SHOP_TOPICS",
    "WEEKDAYS",
    "Catalogue",
    "Fact",
    "Name",
    "OpeningHours",
    "OwnTopic",
    "Price",
    "Product",
    "Span",
    "Spec",
    "Stock",
    "load_catalogue",
]
