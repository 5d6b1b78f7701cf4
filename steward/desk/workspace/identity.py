"""Who a customer is by the word of the shop's own page, and whether that word is the shop's.

The page gives `identity` to the chat: texts like `id`, `name` and `email`, and a `signature` that the shop's
server made with the shared secret. Without the signature it is only what somebody typed into a browser.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_SIGNATURE = "signature"


@dataclass(frozen=True)
class Customer:
    """Who the customer is; not `verified` means as they say themselves."""

    id: str | None = None
    name: str | None = None
    email: str | None = None
    verified: bool = False

    def completed(self, name: str | None, email: str | None) -> Customer:
        """The same with what the customer says themselves, unless the shop has vouched for who they are."""
        return self if self.verified else Customer(self.id, self.name or name, self.email or email)


def signature(identity: Mapping[str, str], secret: str) -> str:
    """What the shop's server signs an identity with.

    It is the HMAC-SHA256, in hexadecimal, of the lines `name=value` in the order of their names, joined by
    line feeds, of everything but the signature itself.
    """
    lines = [f"{name}={value}" for name, value in sorted(identity.items()) if name != _SIGNATURE]
    return hmac.new(secret.encode(), "\n".join(lines).encode(), hashlib.sha256).hexdigest()


def customer_of(identity: Mapping[str, Any] | None, secret: str) -> Customer:
    """The customer that an identity names; what is not a text, or has several lines, counts for nothing."""
    given = {
        name: value
        for name, value in (identity or {}).items()
        if isinstance(value, str) and "\n" not in name + value and "=" not in name
    }
    whole = len(given) == len(identity or {})
    shown = given.get(_SIGNATURE, "")
    right = bool(secret and shown and whole) and hmac.compare_digest(
        shown.encode(), signature(given, secret).encode()
    )
    return Customer(given.get("id"), given.get("name"), given.get("email"), right)
