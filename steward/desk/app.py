"""The Sanic application, and running it."""

from __future__ import annotations

import asyncio
import errno
import itertools
import logging
import signal
from typing import Any

from sanic import Sanic

from steward.catalogue import OpeningHours
from steward.desk.api import sockets as _sockets
from steward.desk.api.accounts import accounts_api
from steward.desk.api.board import board_api
from steward.desk.api.bridges import bridges_api
from steward.desk.api.changes import changes_api
from steward.desk.api.desk import desk_api
from steward.desk.api.documentation import docs_api
from steward.desk.api.files import files_api
from steward.desk.api.handoff import handoff_api
from steward.desk.api.health import health
from steward.desk.api.hooks import hooks_api
from steward.desk.api.http import harden, refuse
from steward.desk.api.inbox import inbox_api
from steward.desk.api.keys import keys_api
from steward.desk.api.models import models_api
from steward.desk.api.notes import notes_api
from steward.desk.api.pages import Files, pages
from steward.desk.api.promises import promises
from steward.desk.api.promotion import promotion_api
from steward.desk.api.public import public
from steward.desk.api.regression import regression_api
from steward.desk.api.search import reading_api, search_api
from steward.desk.api.session import session_api
from steward.desk.api.shop import shop_api
from steward.desk.api.snippets import snippets_api
from steward.desk.api.topics import topics_api
from steward.desk.api.trainings import trainings_api
from steward.desk.api.transcripts import transcripts_api
from steward.desk.limits import Limits
from steward.desk.service import Desk
from steward.edits import under_way
from steward.errors import ConfigurationError
from steward.live import live_catalogue
from steward.project import Project
from steward.settings import Settings
from steward.words import Words, load_words

_BODY_BYTES = 64 * 1024
_GOODBYE_SECONDS = 5.0
_LOG = logging.getLogger("steward.desk")
_numbers = itertools.count(1)


def create_app(
    settings: Settings, words: Words, limits: Limits | None = None, opening: OpeningHours | None = None
) -> Sanic:
    """The service as a Sanic application; whoever runs it opens `app.ctx.desk` before and closes it after.

    The opening hours are the catalogue's where none are given.
    """
    app: Sanic = Sanic(f"steward-desk-{next(_numbers)}", configure_logging=False)
    app.config.update(
        {
            "REQUEST_MAX_SIZE": _BODY_BYTES,
            "WEBSOCKET_MAX_SIZE": _BODY_BYTES,
            "KEEP_ALIVE_TIMEOUT": 75,
            "RESPONSE_TIMEOUT": 60,
            "ACCESS_LOG": False,
            "MOTD": False,
            "AUTO_EXTEND": False,
            "FALLBACK_ERROR_FORMAT": "json",
        }
    )
    app.ctx.desk = Desk(settings, words, live_catalogue(settings), limits, opening)
    app.ctx.files = Files(settings.root / "web")
    for blueprint in (
        public,
        promises,
        shop_api,
        session_api,
        accounts_api,
        board_api,
        desk_api,
        handoff_api,
        keys_api,
        hooks_api,
        bridges_api,
        docs_api,
        notes_api,
        snippets_api,
        files_api,
        search_api,
        reading_api,
        inbox_api,
        changes_api,
        topics_api,
        transcripts_api,
        regression_api,
        promotion_api,
        trainings_api,
        models_api,
        _sockets.sockets,
        pages,
        health,
    ):
        app.blueprint(blueprint)
    app.exception(Exception)(refuse)
    app.register_middleware(harden, "response")
    return app


class Server:
    """A running desk in the current event loop: `start`, then `stop`."""

    def __init__(
        self,
        settings: Settings,
        words: Words,
        limits: Limits | None = None,
        opening: OpeningHours | None = None,
    ) -> None:
        self.app = create_app(settings, words, limits, opening)
        self._settings = settings
        self._server: Any = None

    @property
    def desk(self) -> Desk:
        """The service inside."""
        desk: Desk = self.app.ctx.desk
        return desk

    async def start(self) -> None:
        """Open the desk, then listen; raises ConfigurationError when either cannot be done."""
        host, port = self._settings.host, self._settings.port
        # Sanic binds the port at once; nobody may be let in before the desk is open.
        late = {"start_serving": False}
        try:
            self._server = await self.app.create_server(
                host=host, port=port, return_asyncio_server=True, asyncio_server_kwargs=late
            )
            await self._server.startup()
            await self._server.before_start()
            await self.desk.open()
            await self._server.start_serving()
        except OSError as error:
            await self.desk.close()
            raise _cannot_listen(host, port, error) from error
        await self._server.after_start()

    async def stop(self) -> None:
        """Take no new connections, let the open ones finish, close the desk."""
        await self._server.before_stop()
        self.desk.hush()
        self._server.close()
        await self._goodbye()
        await self.desk.close()
        await self._server.after_stop()

    async def _goodbye(self) -> None:
        connections = self._server.connections
        deadline = asyncio.get_running_loop().time() + _GOODBYE_SECONDS
        while connections and asyncio.get_running_loop().time() < deadline:
            for connection in tuple(connections):
                connection.close_if_idle()
            await asyncio.sleep(0.05)
        for connection in tuple(connections):
            connection.abort()


def _cannot_listen(host: str, port: int, error: OSError) -> ConfigurationError:
    if error.errno == errno.EADDRINUSE:
        return ConfigurationError(f"Port {port} is taken; stop what uses it or choose another with PORT.")
    return ConfigurationError(f"Cannot listen on {host}:{port} ({error}); check STEWARD_HOST and PORT.")


def serve(settings: Settings) -> None:
    """Run the desk until SIGTERM or SIGINT; raises ConfigurationError when it cannot start."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for noisy in ("aiohttp", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    try:
        import uvloop
    except ImportError:
        asyncio.run(_serve(settings))
    else:
        uvloop.install()
        asyncio.run(_serve(settings))


async def _serve(settings: Settings) -> None:
    if under_way(settings.root):
        # It was cut off in the middle, perhaps, and the files do not go together.
        Project(settings.root).recover()
    server = Server(settings, load_words(settings.domain))
    await server.start()
    _LOG.info("The desk answers at http://%s:%s.", settings.host, settings.port)
    stopped = asyncio.Event()
    for one in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(one, stopped.set)
    await stopped.wait()
    _LOG.info("Stopping.")
    await server.stop()
