"""What a product is and does; what the shop sells, and which of it suits."""

from __future__ import annotations

import re

from actions.base import ProductAction
from actions.knowledge import catalogue
from actions.reply import Outcome, Reply
from actions.resolve import Resolution, newly_named
from actions.turn import Turn
from actions.which import category_buttons, product_buttons
from steward.catalogue import Product

_RANGE = re.compile(
    r"\b(do|does|can|are|what|which|got|have|any)\b.*"
    r"\b(sell|selling|carry|stock|offer|range|products?|appliances|assortment|catalogue|catalog)\b",
    re.I,
)
_BOX = re.compile(r"\b(in the (box|package|packaging)|come with|comes with|included?|includes)\b", re.I)
_FITS = re.compile(
    r"\b(compatib\w*|work with|works with|fit with|support\w*|alexa|google|homekit|matter)\b", re.I
)


class AboutProduct(ProductAction):
    """Answers the topic `product`."""

    topic = "product"

    def outcome_for(self, turn: Turn, found: Resolution) -> Outcome:
        """One product's portrait, a category side by side, or what the shop sells."""
        if found.unknown:
            return super().outcome_for(turn, found)
        if found.candidates:
            return _recommend(found.candidates)
        asks_range = bool(_RANGE.search(turn.text)) and not newly_named(turn, catalogue())
        if asks_range:
            return _range()
        return super().outcome_for(turn, found)

    def tell(self, product: Product, turn: Turn) -> Reply:
        """The specifications or the part of the portrait that is asked for, or a summary with highlights."""
        features = catalogue().asked_for(catalogue().facts(product.sku, self.topic), turn.question)
        specs = catalogue().pick_specs(product.sku, turn.question)
        values = {
            "answer": "\n".join(feature.text for feature in features),
            "product": product.name,
            "summary": product.summary,
            "highlights": "\n".join(f"• {highlight}" for highlight in product.highlights),
            "box": ", ".join(product.in_the_box),
            "specs": "\n".join(f"• {spec.name}: {spec.shown}" for spec in specs),
            "fits": product.fits,
            "good_for": product.good_for,
        }
        response = _response(bool(features), bool(specs), turn.question)
        return Reply(response, "answer", self.topic, (product.sku,), (product.source,), values)


def _response(has_features: bool, has_specs: bool, question: str) -> str:
    """What the question asks about: the box, a feature, a specification, what it fits, or all in all."""
    if _BOX.search(question):
        return "utter_product_box"
    if has_features:
        return "utter_product_feature"
    if has_specs:
        return "utter_product_specs"
    return "utter_product_fits" if _FITS.search(question) else "utter_product"


def _recommend(skus: tuple[str, ...]) -> Outcome:
    """A category's products side by side, each with whom it suits."""
    products = [catalogue().products[sku] for sku in skus]
    lines = [f"• {product.name}{_price(product.sku)}: {product.good_for}" for product in products]
    sources = tuple(product.source for product in products)
    values = {"category": products[0].category, "list": "\n".join(lines)}
    buttons = product_buttons("product", skus)
    reply = Reply("utter_product_choice", "answer", "product", skus, sources, values, buttons)
    return Outcome((reply,), discussed=skus, topic="product", pending={"kind": "choice", "skus": list(skus)})


def _range() -> Outcome:
    """What the shop sells, for a question about something that is not a product of it."""
    names = ", ".join(catalogue().categories())
    reply = Reply(
        "utter_range",
        "answer",
        "product",
        (),
        ("catalogue:products",),
        {"categories": names},
        category_buttons("product"),
    )
    return Outcome((reply,))


def _price(sku: str) -> str:
    price = catalogue().price(sku)
    return f", {price.shown}" if price else ""
