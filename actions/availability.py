"""Whether a product is in stock, and when it is back."""

from __future__ import annotations

from actions.base import ProductAction, missing_fact
from actions.knowledge import catalogue
from actions.reply import Reply
from actions.turn import Turn
from steward.catalogue import Product

_FEW = 5


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
        response = _response(stock.count, "back_on" in values)
        return Reply(response, "answer", self.topic, (product.sku,), (stock.source,), values)


def _response(count: int, has_date: bool) -> str:
    if count > _FEW:
        return "utter_in_stock"
    if count:
        return "utter_few_left"
    return "utter_back_on" if has_date else "utter_sold_out"
