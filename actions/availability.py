"""Whether a product is in stock, and when it is back."""

from __future__ import annotations

from actions.base import ProductAction, missing_fact
from actions.knowledge import catalogue
from actions.reply import Reply
from actions.turn import Turn
from steward.catalogue import Product, Stock


class Availability(ProductAction):
    """Answers the topic `availability`."""

    topic = "availability"

    def tell(self, product: Product, turn: Turn) -> Reply:
        """In stock, nearly sold out, back on a day, or sold out with no day known."""
        stock = catalogue().stock(product.sku)
        if stock is None:
            return missing_fact(self.topic, product)
        values = {"product": product.name, "count": str(stock.count), "note": stock.note}
        if stock.back_on and not stock.count:
            values["back_on"] = f"{stock.back_on.day} {stock.back_on:%B %Y}"
        return Reply(_response(stock), "answer", self.topic, (product.sku,), (stock.source,), values)


def _response(stock: Stock) -> str:
    if stock.level == "out":
        return "utter_back_on" if stock.back_on else "utter_sold_out"
    return "utter_in_stock" if stock.level == "in" else "utter_few_left"
