"""What the demo shop's page shows, read from the catalogue; open to everybody, as a shop's pages are."""

from __future__ import annotations

import msgspec
from sanic import Blueprint, Request

from steward.catalogue import Catalogue, Product
from steward.desk.api.http import desk_of
from steward.desk.api.operations import Who, operation
from steward.words import Words

shop_api = Blueprint("shop_api", url_prefix="/api/v1/shop")


class ShownProduct(msgspec.Struct):
    """A product as a shop's page shows it; price and stock are worded."""

    sku: str
    name: str
    family: str
    category: str
    summary: str
    price: str
    stock: str
    stock_state: str
    image: str


class Fact(msgspec.Struct):
    """Something to know about the shop."""

    aspect: str
    title: str
    text: str


@operation(shop_api, "GET", "/products", who=Who.ANYONE, gives=list[ShownProduct])
async def products(request: Request) -> list[dict[str, str]]:
    """Every product with its price and whether it is in stock."""
    desk = desk_of(request)
    catalogue = desk.catalogue
    return [_shown(product, catalogue, desk.words) for product in catalogue.products.values()]


@operation(shop_api, "GET", "/hours", who=Who.ANYONE, gives=list[Fact])
async def hours(request: Request) -> list[dict[str, str]]:
    """When and where the shop is open."""
    facts = desk_of(request).catalogue.shop("hours")
    return [{"aspect": fact.aspect, "title": fact.title, "text": fact.text} for fact in facts]


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
