"""Every form in which a customer may write what the shop sells."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Literal

from steward.catalogue.model import Name, Product
from steward.catalogue.text import fold, tokens

_PARTS = re.compile(r"[a-z]+|[0-9]+")
Kind = Literal["product", "family", "category"]


def names_of(products: Iterable[Product]) -> tuple[Name, ...]:
    """All names of all products, sorted. A product's own name or sku means that product only.

    A synonym that several products share means all of them and counts as a category.
    """
    exact: dict[str, list[str]] = {}
    loose: dict[str, list[str]] = {}
    kinds: dict[str, set[Kind]] = {}
    for product in products:
        for form in {*written_forms(product.sku), *written_forms(product.name)}:
            _add(exact, form, product.sku)
        for form, kind in _loose_forms(product):
            _add(loose, form, product.sku)
            kinds.setdefault(form, set()).add(kind)
    found = [Name(text, tuple(skus), "product") for text, skus in exact.items()]
    found += [
        Name(text, tuple(skus), _kind(kinds[text], len(skus)))
        for text, skus in loose.items()
        if text not in exact
    ]
    return tuple(sorted(found, key=lambda name: name.text))


def written_forms(text: str) -> frozenset[str]:
    """A sku or a product's name as people type it: "ds-s1" "ds s1" "dss1" "ds s 1"."""
    words = tokens(text)
    split = [part for word in words for part in _PARTS.findall(word)]
    return frozenset({" ".join(words), "-".join(words), "".join(words), " ".join(split)})


def singular_and_plural(text: str) -> frozenset[str]:
    """A common noun in both numbers, with hyphens and as separate words."""
    plain = " ".join(fold(text).split())
    forms = {plain, " ".join(tokens(plain))}
    return frozenset(forms | {_plural(form) for form in forms})


def grouped(products: Iterable[Product], by: Literal["family", "category"]) -> Mapping[str, tuple[str, ...]]:
    """The skus of each family or category, in the order of the products."""
    groups: dict[str, list[str]] = {}
    for product in products:
        groups.setdefault(getattr(product, by), []).append(product.sku)
    return {group: tuple(skus) for group, skus in groups.items()}


def _loose_forms(product: Product) -> Iterator[tuple[str, Kind]]:
    for synonym in product.synonyms:
        for form in singular_and_plural(synonym):
            yield form, "product"
    yield " ".join(tokens(product.family)), "family"
    for form in singular_and_plural(product.category):
        yield form, "category"


def _kind(kinds: set[Kind], products: int) -> Kind:
    if kinds == {"product"}:
        return "product" if products == 1 else "category"
    return "family" if "family" in kinds else "category"


def _plural(text: str) -> str:
    if not text[-1:].isalpha() or text.endswith("s"):
        return text
    if text.endswith("y") and text[-2:-1] not in "aeiou":
        return text[:-1] + "ies"
    return text + ("es" if text.endswith(("ch", "sh", "x")) else "s")


def _add(index: dict[str, list[str]], form: str, sku: str) -> None:
    skus = index.setdefault(form, [])
    if sku not in skus:
        skus.append(sku)
