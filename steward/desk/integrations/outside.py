"""HTTP calls to addresses that somebody typed in.

Such an address must not become a way into the network that the desk stands in: only public addresses are
called, checked when the name has been resolved and not before, and no redirect is followed.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver

from steward.errors import ConversationError

_ANSWER_BYTES = 64 * 1024
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_LONGEST = 2000


class Unreachable(Exception):
    """The other side gave no answer; the text says why."""


@dataclass(frozen=True)
class Reply:
    """What the other side answered; a long body is cut off."""

    status: int
    body: bytes
    headers: Mapping[str, str]


def is_public(address: str) -> bool:
    """Whether the IP address belongs to the public Internet, also inside of another notation."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour
        if inner is None and ip in _NAT64:
            inner = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


def check_url(url: str, field: str, allow_private: bool) -> str:
    """The address, if it may be called; raises ConversationError for one that never may.

    Names are not resolved here: whom they lead to can change with every call, and is checked then.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    if not host or parts.scheme not in ("https", "http") or len(url) > _LONGEST or not url.isprintable():
        raise ConversationError("invalid", "This is not a web address.", status=400, field=field)
    if parts.username or parts.password or parts.fragment:
        message = "The address must have no user, password or fragment."
        raise ConversationError("invalid", message, status=400, field=field)
    if parts.scheme == "http" and not allow_private:
        message = "The address must begin with https://, or what is sent could be read on the way."
        raise ConversationError("invalid", message, status=400, field=field)
    if not allow_private and _is_private_literal(host):
        raise ConversationError("invalid", "The address is not a public one.", status=400, field=field)
    return url


class Outside:
    """A client for such calls. `close` at the end."""

    def __init__(self, allow_private: bool, timeout: float) -> None:
        self.allow_private = allow_private
        self._timeout = timeout
        self._opened: aiohttp.ClientSession | None = None

    async def close(self) -> None:
        """Let go of the connections."""
        if self._opened is not None:
            await self._opened.close()

    async def call(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes | None = None
    ) -> Reply:
        """The other side's answer, whatever its status; raises Unreachable without one."""
        host = urlsplit(url).hostname or ""
        if not self.allow_private and _is_private_literal(host):
            raise Unreachable("the address is not a public one")
        try:
            async with self._session.request(
                method, url, data=body, headers=dict(headers), allow_redirects=False
            ) as response:
                content = await response.content.read(_ANSWER_BYTES)
                return Reply(response.status, content, dict(response.headers))
        except asyncio.TimeoutError:
            raise Unreachable(f"no answer within {self._timeout:g} seconds") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            cause = error.__cause__ if isinstance(error.__cause__, _NotPublic) else error
            raise Unreachable(_said(cause)) from error

    @property
    def _session(self) -> aiohttp.ClientSession:
        """The connections, opened with the first call: they belong to the loop that makes it."""
        if self._opened is None:
            connector = aiohttp.TCPConnector(
                limit=64, limit_per_host=16, resolver=None if self.allow_private else _PublicResolver()
            )
            self._opened = aiohttp.ClientSession(
                connector=connector,
                trust_env=False,
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=self._timeout),
                auto_decompress=False,
                headers={"User-Agent": "Steward"},
                skip_auto_headers=("Accept-Encoding",),
            )
        return self._opened


class _NotPublic(OSError):
    """The name leads to an address inside."""


class _PublicResolver(AbstractResolver):
    """Names that lead to public addresses only. What is connected to is what was checked."""

    def __init__(self) -> None:
        self._resolver = aiohttp.ThreadedResolver()

    async def resolve(self, host: str, port: int = 0, family: int = socket.AF_INET) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = await self._resolver.resolve(host, port, family)
        if not all(is_public(one["host"]) for one in found):
            raise _NotPublic("the name does not lead to a public address")
        return found

    async def close(self) -> None:
        await self._resolver.close()


def _is_private_literal(host: str) -> bool:
    try:
        return not is_public(host)
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _said(error: BaseException) -> str:
    text = str(error) or type(error).__name__
    return " ".join(text.split())[:200]
