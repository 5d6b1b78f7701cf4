"""Rasa's calls of the action server, over connections that stay open from one call to the next.

Rasa opens a session and a connection for each call and closes both after it, which costs the bot and the
action server more time than many an action takes.
"""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
from rasa.utils.endpoints import EndpointConfig

# The action server closes a connection that was idle for 5 seconds. A call must never meet that moment: Rasa
# does not repeat it, and a customer would be handed over.
IDLE_SECONDS = 2.0
_session_of_its_own = EndpointConfig.session


class _KeptSession:
    """The session of the running event loop, for an `async with` that neither opens nor closes it."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> aiohttp.ClientSession:
        loop = asyncio.get_running_loop()
        if self._session is None or self._loop is not loop:
            await self.close()
            connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=IDLE_SECONDS)
            self._session = aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())
            self._loop = loop
        return self._session

    async def __aexit__(self, *error: Any) -> None:
        """Leave the session open."""

    async def close(self) -> None:
        """Let go of the connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None


_kept = _KeptSession()


def session(endpoint: EndpointConfig) -> Any:
    """What `EndpointConfig.request` sends its request with; a password belongs to a session of its own."""
    return _session_of_its_own(endpoint) if endpoint.basic_auth else _kept


def keep_connections() -> None:
    """Make every endpoint of this process, of which the action server is one, use the session kept here."""
    EndpointConfig.session = session
