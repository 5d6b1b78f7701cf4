"""What the demo shop's page shows, read from the catalogue; open to everybody, as a shop's pages are."""

from __future__ import annotations

from sanic import Blueprint, Request
from sanic.response import HTTPResponse

from steward.catalogue import Catalogue, Product
from steward.desk.http import answer
from steward.words import Words

shop_api = Blueprint("shop_api", url_prefix="/api/v1/shop")


@shop_api.get("/products")
async def products(request: Request) -> HTTPResponse:
    """Every product with its price and whether it is in stock."""
    catalogue: Catalogue = request.app.ctx.catalogue
    words: Words = request.app.ctx.desk.words
    return answer([_shown(product, catalogue, words) for product in catalogue.products.values()])


@shop_api.get("/hours")
async def hours(request: Request) -> HTTPResponse:
    """When and where the shop is open."""
    facts = request.app.ctx.catalogue.shop("hours")
    return answer([{"aspect": fact.aspect, "title": fact.title, "text": fact.text} for fact in facts])


def _shown(product: Product, catalogue: Catalogue, words: Words) -> dict[str, str]:
    price, stock = catalogue.price(product.sku), catalogue.stock(product.sku)
    state = stock.level if stock else "out"
    return {
        "sku": product.sku,
        "name": product.name,
        "family": product.family,
        "category": product.category,
        "summary": product.summary,
        "price": price.shown if price else "",
        "stock": words.say(f"utter_shop_stock_{state}"),
        "stock_state": state,
        "image": product.image,
    }
