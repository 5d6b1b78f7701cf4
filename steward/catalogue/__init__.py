"""The shop's facts: loaded from CSV, checked as a whole, and looked up by product, topic and question."""

from steward.catalogue.catalogue import Catalogue
from steward.catalogue.load import load_catalogue
from steward.catalogue.model import GUIDE_TOPICS, SHOP_TOPICS, Fact, Name, Price, Product, Spec, Stock

__all__ = [
    "GUIDE_TOPICS",
    "SHOP_TOPICS",
    "Catalogue",
    "Fact",
    "Name",
    "Price",
    "Product",
    "Spec",
    "Stock",
    "load_catalogue",
]
