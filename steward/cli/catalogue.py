"""Commands about the shop's facts: look at them, search them, bring new ones in."""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from steward.cli import output
from steward.cli.catalogue_files import EXPORT, IMPORT
from steward.cli.command import (
    DONE,
    FILES,
    PRODUCTS,
    WRONG,
    Command,
    Group,
    add_json,
    complete,
)
from steward.errors import CatalogueError, StewardError
from steward.settings import Settings

if TYPE_CHECKING:
    from steward.catalogue import Catalogue, Fact


def _check(settings: Settings, options: argparse.Namespace) -> int:
    from steward.catalogue import load_catalogue

    folder = options.folder or settings.catalogue
    try:
        catalogue = load_catalogue(folder)
    except CatalogueError as error:
        if options.json:
            output.print_json({"holds": False, "faults": error.faults})
        else:
            print(f"{error}\n\nCorrect these lines and check again.", file=sys.stderr)
        return WRONG
    counts = {"products": len(catalogue.products), "own_topics": len(catalogue.own_topics)}
    if options.json:
        output.print_json({"holds": True, "faults": [], **counts, "fingerprint": catalogue.fingerprint})
    else:
        print(f"The catalogue holds: {len(catalogue.products)} products in {folder}.")
    return DONE


def _list(settings: Settings, options: argparse.Namespace) -> int:
    catalogue = _loaded(settings)
    skus = [
        sku for sku, product in catalogue.products.items() if options.category in (None, product.category)
    ]
    if not skus:
        known = ", ".join(catalogue.categories())
        raise StewardError(f"No product has the category {options.category!r}. There are: {known}.")
    if options.json:
        output.print_json([_in_short(catalogue, sku) for sku in skus])
        return DONE
    rows = [[str(cell) for cell in _in_short(catalogue, sku).values()] for sku in skus]
    print(output.table(("SKU", "NAME", "CATEGORY", "PRICE", "STOCK"), rows, output.paint()))
    return DONE


def _show(settings: Settings, options: argparse.Namespace) -> int:
    catalogue = _loaded(settings)
    wanted = " ".join(options.product)
    sku = _meant(catalogue, wanted)
    if options.json:
        output.print_json(_in_full(catalogue, sku))
    else:
        print("\n".join(_page(catalogue, sku)))
    return DONE


def _search(settings: Settings, options: argparse.Namespace) -> int:
    catalogue = _loaded(settings)
    found = _matching(catalogue, " ".join(options.words))
    if options.json:
        output.print_json(
            [{"sku": one.sku, "topic": one.topic, "title": one.title, "text": one.text} for one in found]
        )
        return DONE if found else WRONG
    colours = output.paint()
    for fact in found[: options.most]:
        where = f"{fact.sku or 'the shop'} · {fact.topic} · {fact.title}"
        print(f"{colours(where, 'bold')}\n{output.wrapped(fact.text, '  ')}")
    if len(found) > options.most:
        print(f"\n{len(found) - options.most} more; --most {len(found)} shows all.")
    if not found:
        print("Nothing in the catalogue has these words. Try fewer, or others.", file=sys.stderr)
    return DONE if found else WRONG


def _loaded(settings: Settings) -> Catalogue:
    from steward.catalogue import load_catalogue

    return load_catalogue(settings.catalogue)


def _meant(catalogue: Catalogue, wanted: str) -> str:
    """The sku that somebody typed, in small letters or by the product's name; StewardError if none."""
    if catalogue.product(wanted.upper()):
        return wanted.upper()
    name = catalogue.named(wanted)
    if name is not None and len(name.skus) == 1:
        return name.skus[0]
    if name is not None:
        raise StewardError(f"{wanted!r} may be {', '.join(name.skus)}. Which one?")
    alike = difflib.get_close_matches(wanted.lower(), [one.text for one in catalogue.names()], 1)
    hint = f" Did you mean {alike[0]!r}?" if alike else ""
    raise StewardError(f"There is no product {wanted!r}.{hint} `steward catalogue list` shows all of them.")


def _in_short(catalogue: Catalogue, sku: str) -> dict[str, Any]:
    product, price, stock = catalogue.products[sku], catalogue.price(sku), catalogue.stock(sku)
    return {
        "sku": sku,
        "name": product.name,
        "category": product.category,
        "price": price.shown if price else "",
        "stock": stock.count if stock else "",
    }


def _in_full(catalogue: Catalogue, sku: str) -> dict[str, Any]:
    return {
        "product": catalogue.product(sku),
        "price": catalogue.price(sku),
        "stock": catalogue.stock(sku),
        "specs": catalogue.specs(sku),
        "facts": _facts_of(catalogue, sku),
    }


def _page(catalogue: Catalogue, sku: str) -> Iterator[str]:
    """Everything the bot knows about a product, to read."""
    colours = output.paint()
    product, price, stock = catalogue.products[sku], catalogue.price(sku), catalogue.stock(sku)
    yield colours(f"{product.name}  {sku}", "bold")
    yield output.wrapped(product.summary)
    yield ""
    lines = {
        "Family": product.family,
        "Category": product.category,
        "Also called": ", ".join(product.synonyms),
        "Price": " ".join((price.shown, price.offer, price.instalments, price.running_cost)) if price else "",
        "In stock": " ".join((str(stock.count), _back(stock.back_on), stock.note)) if stock else "",
        "Highlights": "; ".join(product.highlights),
        "In the box": ", ".join(product.in_the_box),
        "Size": product.size,
        "Fits": product.fits,
        "Good for": product.good_for,
    }
    for head, text in lines.items():
        if text.strip():
            yield output.wrapped(text, " " * 14, f"{head:<12}  ")
    yield f"\n{colours('Specifications', 'bold')}"
    for spec in catalogue.specs(sku):
        yield f"  {spec.name:<24}{spec.shown}"
    for topic, facts in _by_topic(_facts_of(catalogue, sku)).items():
        yield f"\n{colours(topic, 'bold')}"
        for fact in facts:
            yield output.wrapped(fact.text, "      ", f"  {fact.title}: ")


def _back(day: object) -> str:
    return f"back on {day}." if day else ""


def _facts_of(catalogue: Catalogue, sku: str) -> list[Fact]:
    from steward.catalogue import GUIDE_TOPICS

    topics = ("product", *GUIDE_TOPICS, *catalogue.own_topics)
    return [fact for topic in topics for fact in catalogue.facts(sku, topic)]


def _by_topic(facts: list[Fact]) -> Mapping[str, list[Fact]]:
    topics: dict[str, list[Fact]] = {}
    for fact in facts:
        topics.setdefault(fact.topic, []).append(fact)
    return topics


def _matching(catalogue: Catalogue, wanted: str) -> list[Fact]:
    """Facts with all the words in them, in any form; those that are about the words stand first."""
    from steward.catalogue import SHOP_TOPICS
    from steward.catalogue.text import stem, tokens

    def stems(text: str) -> set[str]:
        return {stem(word) for word in tokens(text)}

    words = stems(wanted)
    of_products = [fact for sku in catalogue.products for fact in _facts_of(catalogue, sku)]
    found = []
    for fact in [*of_products, *(fact for topic in SHOP_TOPICS for fact in catalogue.shop(topic))]:
        product = catalogue.product(fact.sku)
        name = f"{product.name} {product.category}" if product else ""
        about = stems(" ".join((fact.sku, name, fact.topic, fact.title, *fact.keywords)))
        if words <= about | stems(fact.text):
            found.append((len(words - about), fact))
    return [fact for _, fact in sorted(found, key=lambda pair: pair[0])]


def _check_arguments(parser: argparse.ArgumentParser) -> None:
    complete(
        parser.add_argument(
            "folder", nargs="?", type=Path, help="another folder with a catalogue's files to check"
        ),
        FILES,
    )
    add_json(parser)


def _list_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--category", help="only the products of this category")
    add_json(parser)


def _show_arguments(parser: argparse.ArgumentParser) -> None:
    complete(
        parser.add_argument("product", nargs="+", metavar="SKU", help="the product's SKU, or its name"),
        PRODUCTS,
    )
    add_json(parser)


def _search_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("words", nargs="+", metavar="WORD", help="words that must all be there, in any form")
    parser.add_argument("--most", type=int, default=10, metavar="N", help="show at most so many (10)")
    add_json(parser)


_CHECK = Command(
    name="check",
    help="check that the facts hold, and say what is wrong in which line",
    description="Check every file of the catalogue by itself and against the others.",
    run=_check,
    arguments=_check_arguments,
    examples=(
        ("steward catalogue check", "the facts that the bot answers from"),
        ("steward catalogue check ~/new", "a copy, before it takes their place"),
    ),
    exit_codes={WRONG: "something is wrong in the files"},
)
_LIST = Command(
    name="list",
    help="list the products with price and stock",
    description="List the products in the order of the catalogue.",
    run=_list,
    arguments=_list_arguments,
    examples=(
        ("steward catalogue list", "all of them"),
        ("steward catalogue list --category dishwasher", "some of them"),
    ),
)
_SHOW = Command(
    name="show",
    help="show everything that the bot knows about a product",
    description="Show everything that the bot knows about a product.",
    run=_show,
    arguments=_show_arguments,
    examples=(
        ("steward catalogue show RL-300", "by its SKU"),
        ("steward catalogue show rill 300", "by a name that customers use"),
    ),
)
_SEARCH = Command(
    name="search",
    help="find the facts that have these words",
    description="Find the facts that have all these words, in any form, with their places.",
    run=_search,
    arguments=_search_arguments,
    examples=(
        ("steward catalogue search filter change", "in all products, and the shop's facts"),
        ("steward catalogue search rill 300 leaks", "a product's name counts as a word"),
    ),
    exit_codes={WRONG: "nothing has these words"},
)
GROUP = Group(
    "the shop's facts",
    (
        Command(
            name="catalogue",
            help="look at the shop's facts, search them, bring new ones in",
            description="The shop's facts: products, prices, stock, guides, delivery, opening hours.",
            commands=(_CHECK, _LIST, _SHOW, _SEARCH, EXPORT, IMPORT),
        ),
    ),
)
