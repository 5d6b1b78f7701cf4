"""The shop's facts: loaded from CSV, checked as a whole, and looked up by product, topic and question."""

from steward.catalogue.catalogue import Catalogue
from steward.catalogue.load import load_catalogue
from steward.catalogue.model import (
    GUIDE_TOPICS,
    SHOP_TOPICS,
    WEEKDAYS,
    Fact,
    Name,
    OpeningHours,
    Price,
    Product,
    Span,
    Spec,
    Stock,
)

__all__ = [
    "GUIDE_TOPICS",
    "SHOP_TOPICS",
    "WEEKDAYS",
    "Catalogue",
    "Fact",
    "Name",
    "OpeningHours",
    "Price",
    "Product",
    "Span",
    "Spec",
    "Stock",
    "load_catalogue",
]
