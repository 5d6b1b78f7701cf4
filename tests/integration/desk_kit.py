"""A desk on a real port and database, a scripted stand-in for Rasa, a customer and an agent."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
import sqlalchemy as sa
import websockets
from argon2 import PasswordHasher
from sanic import Sanic

from steward.catalogue import Catalogue, load_catalogue
from steward.clock import now
from steward.desk.accounts.agents import SESSION_SECONDS, token_hash
from steward.desk.api.entry import COOKIE
from steward.desk.app import Server
from steward.desk.limits import Limits, Rate
from steward.desk.store import Agent as StoredAgent
from steward.desk.store import Store
from steward.settings import Settings
from steward.words import Words

connect: Any = websockets.connect  # type: ignore[attr-defined]
RESPONSES: dict[str, list[Mapping[str, Any]]] = {
    "utter_desk_queued": [{"text": "A person will be with you."}],
    "utter_desk_joined": [{"text": "{agent} has joined."}],
    "utter_desk_held": [{"text": "{agent} is looking something up."}],
    "utter_desk_resumed": [{"text": "{agent} is back."}],
    "utter_desk_transferred": [{"text": "{agent} passes you on."}],
    "utter_desk_transferred_to": [{"text": "{agent} passes you on to {colleague}."}],
    "utter_desk_stays": [{"text": "{agent} is still here."}],
    "utter_desk_lost": [{"text": "Somebody else will come."}],
    "utter_desk_deferred": [{"text": "Nobody is here; you will hear {when}."}],
    "utter_desk_promised": [{"text": "You will hear {when}, here and at {contact}."}],
    "utter_desk_soon": [{"text": "when we are open"}],
    "utter_desk_moment": [{"text": "by {weekday}, {day} {month}, {time}"}],
    "utter_desk_weekdays": [{"text": "Mon|Tue|Wed|Thu|Fri|Sat|Sun"}],
    "utter_desk_months": [{"text": "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"}],
    "utter_desk_mail_subject": [{"text": "Your answer from {shop}"}],
    "utter_desk_mail_greeting": [{"text": "Hello {customer},"}],
    "utter_desk_mail_greeting_unnamed": [{"text": "Hello,"}],
    "utter_desk_mail_intro": [{"text": "{agent} from {shop} has answered:"}],
    "utter_desk_mail_file": [{"text": "A file: {file}"}],
    "utter_desk_mail_link": [{"text": "Go on in the chat"}],
    "utter_desk_mail_note": [{"text": "Good for {days} days."}],
    "utter_desk_mail_closing": [{"text": "Your {shop}"}],
    "utter_desk_invite_subject": [{"text": "An account at {shop}"}],
    "utter_desk_invite_text": [{"text": "{colleague}, {by} of {shop} invites you: {link}"}],
    "utter_desk_reset_subject": [{"text": "A password at {shop}"}],
    "utter_desk_reset_text": [{"text": "{colleague}, {by} of {shop} lets you choose: {link}"}],
    "utter_desk_only_files": [
        {"text": "I cannot look at files.", "buttons": [{"title": "A person, please", "payload": "/human"}]}
    ],
    "utter_desk_snippet_hello": [{"text": "Hello {{customer}}, this is {{agent}}."}],
    "utter_desk_snippet_title_hello": [{"text": "Say hello"}],
    "utter_price": [{"text": "The {product} costs {price}.\n{details}"}],
    "utter_in_stock": [{"text": "The {product} is in stock. {note}"}],
    "utter_few_left": [{"text": "Of the {product} there are {count}. {note}"}],
    "utter_back_on": [{"text": "The {product} is back on {back_on}. {note}"}],
    "utter_sold_out": [{"text": "The {product} is sold out. {note}"}],
    "utter_title_price": [{"text": "Price"}],
    "utter_title_availability": [{"text": "Stock"}],
    "utter_desk_returned": [{"text": "The assistant is back."}],
    "utter_desk_resolved": [{"text": "This is done."}],
    "utter_desk_cancelled": [{"text": "Let us go on."}],
    "utter_desk_ended": [{"text": "Goodbye."}],
    "utter_bot_error": [{"text": "Something is wrong here; a person will look."}],
    "utter_widget_shop": [{"text": "Alder Home"}],
    "utter_shop_stock_in": [{"text": "In stock"}],
    "utter_shop_stock_low": [{"text": "A few left"}],
    "utter_shop_stock_out": [{"text": "Sold out"}],
    "utter_widget_send": [{"text": "Send"}],
    "utter_widget_greeting": [
        {
            "text": "Hello",
            "buttons": [{"title": "Delivery", "payload": "/delivery"}, {"title": "Opening hours"}],
        }
    ],
}
META = {
    "act": "answer",
    "topic": "price",
    "skus": ["RL-300"],
    "confidence": 0.97,
    "sources": ["catalogue:RL-300/price"],
}
ANSWER: list[dict[str, Any]] = [{"text": "The Rill 300 costs 249 euros."}, {"custom": {"meta": META}}]
ROOMY = Limits(messages=Rate(1000, 1), sign_ins=Rate(5, 300))


def handoff(reason: str = "low_confidence") -> list[dict[str, Any]]:
    """A reply that asks for a person."""
    evidence = {"topic": "price", "skus": ["RL-300"], "confidence": 0.3, "readings": [["price", 0.3]]}
    proposal = {"reason": reason, "summary": "Wants a price.", "evidence": evidence}
    meta = {**META, "act": "handoff", "sources": []}
    return [{"text": "I had better ask a colleague."}, {"custom": {"meta": meta, "handoff": proposal}}]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class StandInRasa:
    """Rasa's REST channel over real HTTP, answering as the test says.

    `answer` gets sender and message and gives the list to send, or an int for an HTTP status. It may wait.
    """

    def __init__(self) -> None:
        self.port = free_port()
        self.asked: list[tuple[str, str]] = []
        self.replies: dict[str, Any] = {}
        self.held: dict[str, asyncio.Event] = {}
        self._server: asyncio.base_events.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    async def start(self) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)

    async def stop(self) -> None:
        """Be gone, as after a crash."""
        if self._server is not None:
            self._server.close()
            for writer in tuple(self._writers):
                writer.transport.abort()
            self._server = None

    def hold(self, message: str) -> asyncio.Event:
        """Do not answer the message until the event is set."""
        self.held[message] = asyncio.Event()
        return self.held[message]

    async def was_asked(self, message: str) -> None:
        """Wait until the message has arrived."""
        await until(lambda: any(text == message for _, text in self.asked))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode().lower()
                length = head.partition("content-length:")[2].partition("\r\n")[0].strip()
                body = await reader.readexactly(int(length or 0))
                status, content = await self._answer(json.loads(body or b"{}"))
                writer.write(
                    f"HTTP/1.1 {status} X\r\nContent-Length: {len(content)}\r\n\r\n".encode() + content
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _answer(self, body: dict[str, Any]) -> tuple[int, bytes]:
        if "message" not in body:
            return 200, b"Hello from Rasa"
        self.asked.append((body["sender"], body["message"]))
        if body["message"] in self.held:
            await self.held[body["message"]].wait()
        reply = self.replies.get(body["message"], ANSWER)
        if isinstance(reply, int):
            return reply, b"{}"
        return 200, reply if isinstance(reply, bytes) else json.dumps(reply).encode()


class Socket:
    """A WebSocket whose frames are read one at a time."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection

    async def send(self, **frame: Any) -> None:
        """Send a frame."""
        await self._connection.send(json.dumps(frame))

    async def next(self, kind: str | None = None, seconds: float = 5) -> dict[str, Any]:
        """The next frame, or the next of a kind."""
        while True:
            frame = json.loads(await asyncio.wait_for(self._connection.recv(), seconds))
            if kind in (None, frame["type"]):
                return dict(frame)

    async def closed(self, seconds: float = 5) -> None:
        """Wait until the other side has closed it."""
        await asyncio.wait_for(self._connection.wait_closed(), seconds)


class Customer:
    """One visitor with one conversation."""

    def __init__(self, bench: Bench, opened: dict[str, Any]) -> None:
        self._bench = bench
        self.id: str = opened["id"]
        self.token: str = opened["token"]
        self.headers = {"Authorization": f"Bearer {self.token}"}
        self.path = f"/api/v1/conversations/{self.id}"

    async def post(self, what: str, body: Any = None, key: str | None = None) -> httpx.Response:
        """Call one of the conversation's own endpoints."""
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        return await self._bench.http.post(f"{self.path}/{what}", json=body or {}, headers=headers)

    async def say(self, text: str, key: str | None = None) -> int:
        """Send a message; its seq."""
        response = await self.post("messages", {"text": text}, key or uuid.uuid4().hex)
        assert response.status_code == 202, response.text
        return int(response.json()["seq"])

    async def read(self, after: int = 0, wait: float = 0) -> dict[str, Any]:
        """The conversation as the long poll tells it."""
        params = {"after": after, "wait": wait}
        response = await self._bench.http.get(f"{self.path}/messages", params=params, headers=self.headers)
        assert response.status_code == 200, response.text
        return dict(response.json())

    async def ask(self, text: str) -> list[dict[str, Any]]:
        """Send a message and wait for what answers it."""
        seq = await self.say(text)
        return list((await self.read(seq, 10))["messages"])

    @asynccontextmanager
    async def socket(self, after: int = 0) -> AsyncIterator[Socket]:
        """The conversation's socket, signed in."""
        url = f"ws://127.0.0.1:{self._bench.port}{self.path}/socket?after={after}"
        async with connect(url) as connection:
            socket = Socket(connection)
            await socket.send(type="auth", token=self.token)
            yield socket


class Agent:
    """One signed-in agent."""

    def __init__(self, bench: Bench, who: StoredAgent, token: str) -> None:
        self._bench = bench
        self.id = who.id
        self.name = who.name
        self.headers = {"Cookie": f"{COOKIE}={token}", "X-Steward": "1"}

    async def call(self, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Call the desk API."""
        url = f"/api/v1/desk/{path}"
        content = json.dumps(body) if body is not None else None
        return await self._bench.http.request(method, url, content=content, headers=self.headers | headers)

    async def act(
        self, customer: Customer, what: str, epoch: int | None = None, **more: Any
    ) -> httpx.Response:
        """Accept, take over, return, resolve and so on, by default under the newest epoch."""
        if epoch is None:
            epoch = (await customer.read())["epoch"]
        return await self.call("POST", f"conversations/{customer.id}/{what}", {"epoch": epoch, **more})

    async def say(self, customer: Customer, text: str) -> httpx.Response:
        """Answer the customer."""
        return await self.call("POST", f"conversations/{customer.id}/messages", {"text": text})

    @asynccontextmanager
    async def socket(self, origin: str | None = None) -> AsyncIterator[Socket]:
        """The desk's socket."""
        headers = {"Cookie": self.headers["Cookie"]}
        async with _connect(self._bench.port, headers, origin) as connection:
            yield Socket(connection)


class Bench:
    """A desk, its bot and the way to talk with them."""

    def __init__(self, settings: Settings, limits: Limits, rasa: StandInRasa) -> None:
        self.settings = settings
        self.port = settings.port
        self.rasa = rasa
        self.limits = limits
        self.http = httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.port}", timeout=40)
        self.server = Server(settings, Words(RESPONSES), limits)

    async def start(self) -> None:
        """Open the desk."""
        await self.server.start()

    async def restart(self) -> None:
        """Stop the desk and start it anew on the same database and port."""
        await self.server.stop()
        await self.start_anew()

    async def start_anew(self) -> None:
        """Start the desk that was stopped, on the same database and port."""
        self.server = Server(self.settings, Words(RESPONSES), self.limits)
        await self.server.start()

    def rules(self, **changes: Any) -> None:
        """Run the queue by other rules, also such as the API does not take."""
        dispatch = self.server.desk.dispatch
        dispatch.rules = replace(dispatch.rules, **changes)
        dispatch.wake()

    async def customer(self, **body: Any) -> Customer:
        """A new visitor."""
        response = await self.http.post("/api/v1/conversations", json=body)
        assert response.status_code == 201, response.text
        return Customer(self, response.json())

    async def agent(
        self,
        name: str = "Robin",
        role: str = "agent",
        skills: tuple[str, ...] = (),
        capacity: int | None = None,
    ) -> Agent:
        """A signed-in agent, without the price of a password."""
        store = self.server.desk.store
        email = f"{uuid.uuid4().hex}@example.org"
        # One id in 64 begins like an option of a command; here each does.
        who = StoredAgent(f"-{uuid.uuid4().hex}", email, name, role, skills, capacity)
        await store.agents.add(who, "no password", now())
        token = uuid.uuid4().hex
        await store.agents.add_session(token_hash(token), who.id, now(), now() + SESSION_SECONDS * 1000)
        return Agent(self, who, token)

    async def deactivate(self, agent: Agent) -> None:
        """Let somebody sign in and answer no more."""
        table = sa.table("agents", sa.column("id"), sa.column("active"))
        query = sa.update(table).where(table.c.id == agent.id).values(active=False)

        async def change() -> None:
            async with self.server.desk.store.database.write() as connection:
                await connection.execute(query)

        await self.server.desk.store.database.run(change())

    async def queued(self, reason: str = "low_confidence") -> Customer:
        """A visitor whom the bot has handed over."""
        self.rasa.replies["hand me over"] = handoff(reason)
        customer = await self.customer()
        await customer.ask("hand me over")
        return customer

    async def close(self) -> None:
        """Stop everything."""
        await self.http.aclose()
        await self.server.stop()
        await self.rasa.stop()


async def until(true: Callable[[], Any], seconds: float = 5) -> None:
    """Wait until something is so."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        await asyncio.sleep(0.01)


def a_setting(folder: Path, database: str, rasa: StandInRasa, **changes: Any) -> Settings:
    """Settings for a desk of its own."""
    values: dict[str, Any] = {
        "root": Path(__file__).resolve().parents[2],
        "home": folder / "home",
        "host": "127.0.0.1",
        "port": free_port(),
        "database_url": database,
        "bot_url": f"http://127.0.0.1:{rasa.port}",
        "bot_timeout": 1.0,
        "reopen_hours": 24.0,
        "always_open": True,
    }
    return Settings(**(values | changes))


def _connect(port: int, headers: dict[str, str], origin: str | None) -> Any:
    url = f"ws://127.0.0.1:{port}/api/v1/desk/socket"
    # The client of websockets 14 and later has another name for the same argument.
    new = int(websockets.version.version.split(".")[0]) >= 14
    named: dict[str, Any] = {"additional_headers" if new else "extra_headers": headers}
    return connect(url, origin=origin or f"http://127.0.0.1:{port}", **named)


# Databases


def _postgres_tools() -> Path | None:
    on_path = shutil.which("initdb")
    places = [Path(on_path).parent] if on_path else []
    places += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return next((place for place in places if (place / "postgres").exists()), None)


_GIVEN = os.environ.get("STEWARD_TEST_POSTGRES") or os.environ.get("TEST_DATABASE_URL")
DATABASES = ["sqlite", *(["postgresql"] if _GIVEN or _postgres_tools() else [])]


def _own_postgres(folder: Path) -> Iterator[str]:
    """A throw-away cluster; as root it runs as nobody, which PostgreSQL insists on."""
    tools = _postgres_tools()
    assert tools is not None
    who: dict[str, Any] = {}
    if os.geteuid() == 0:
        os.chown(folder, 65534, 65534)
        who = {"user": 65534, "group": 65534, "extra_groups": []}
    data, port = folder / "data", free_port()
    initdb: list[str | Path] = [
        tools / "initdb",
        "-D",
        data,
        "-A",
        "trust",
        "-U",
        "steward",
        "--no-sync",
        "-E",
        "UTF8",
    ]
    subprocess.run(initdb, check=True, capture_output=True, cwd=folder, **who)
    options = ["fsync=off", "full_page_writes=off", "synchronous_commit=off", "max_connections=60"]
    options += [f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={folder}"]
    command: list[str | Path] = [
        tools / "postgres",
        "-D",
        data,
        *(part for one in options for part in ("-c", one)),
    ]
    server = subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **who
    )
    try:
        _await_port(port)
        yield f"postgresql://steward@127.0.0.1:{port}/postgres"
    finally:
        server.terminate()
        server.wait(20)


def _await_port(port: int) -> None:
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    raise AssertionError("PostgreSQL did not start")


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The address of a PostgreSQL database for this run, on the server given or a throw-away one."""
    with contextlib.ExitStack() as rest:
        if _GIVEN:
            server = _GIVEN.replace("+asyncpg", "")
        else:
            folder = Path(tempfile.mkdtemp(prefix="steward-pg-"))
            rest.callback(shutil.rmtree, folder, ignore_errors=True)
            server = rest.enter_context(contextlib.contextmanager(_own_postgres)(folder))
        name = f"steward_test_{uuid.uuid4().hex}"
        address = server.rsplit("/", 1)[0] + f"/{name}"
        asyncio.run(_run_sql(server, f'CREATE DATABASE "{name}_empty"'))
        asyncio.run(_migrate(_with_driver(f"{address}_empty")))
        yield address
        for each in (name, f"{name}_empty"):
            asyncio.run(_run_sql(server, f'DROP DATABASE IF EXISTS "{each}" WITH (FORCE)'))


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with all tables and nothing in them."""
    path = tmp_path_factory.mktemp("empty") / "steward.db"
    asyncio.run(_migrate(f"sqlite:///{path}"))
    return path


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind that there is."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("empty_sqlite"), tmp_path / "steward.db")
        yield f"sqlite:///{tmp_path / 'steward.db'}"
        return
    database: str = request.getfixturevalue("postgres")
    server, _, name = database.rpartition("/")
    asyncio.run(_run_sql(f"{server}/postgres", f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))
    asyncio.run(_run_sql(f"{server}/postgres", f'CREATE DATABASE "{name}" TEMPLATE "{name}_empty"'))
    yield _with_driver(database)


@pytest.fixture
def bare_database_url(database_url: str) -> str:
    """A database of each kind in which there is not even a table."""
    if database_url.startswith("sqlite"):
        Path(database_url.removeprefix("sqlite:///")).unlink()
    else:
        plain = database_url.replace("+asyncpg", "")
        asyncio.run(_run_sql(plain, "DROP SCHEMA public CASCADE; CREATE SCHEMA public"))
    return database_url


ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""For tests of what does not depend on the database."""


def _with_driver(address: str) -> str:
    return address.replace("postgresql://", "postgresql+asyncpg://")


async def _migrate(address: str) -> None:
    store = Store(address)
    await store.open()
    await store.close()


async def _run_sql(server: str, statement: str) -> None:
    for attempt in range(100):
        try:
            connection = await asyncpg.connect(server)
            break
        except asyncpg.CannotConnectNowError:
            assert attempt < 99
            await asyncio.sleep(0.1)
    try:
        await connection.execute(statement)
    finally:
        await connection.close()


def _read_once(folder: Path) -> Catalogue:
    """A catalogue that is read again only when its files have changed: many desks serve the same one."""
    files = sorted(folder.glob("*.csv"))
    return _read_as(folder, tuple((path.name, path.stat().st_ino, path.stat().st_ctime_ns) for path in files))


@functools.cache
def _read_as(folder: Path, _: tuple[tuple[str, int, int], ...]) -> Catalogue:
    return load_catalogue(folder)


@pytest.fixture(scope="session", autouse=True)
def many_desks() -> Iterator[None]:
    """Many desks start in this process: Sanic must know, and their first passwords need little Argon2."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Sanic, "test_mode", True)
        quick = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        patch.setattr("steward.desk.accounts.agents._HASHER", quick)
        patch.setattr("steward.live.load_catalogue", _read_once)
        # Whoever tries every endpoint must not set off real trainings.
        refusal = (sys.executable, "-c", "import sys; sys.exit('No training in this test.')")
        patch.setattr("steward.desk.improve.trainings._COMMAND", refusal)
        yield


@pytest.fixture
async def bench(database_url: str, tmp_path: Path) -> AsyncIterator[Bench]:
    """A desk with a bot that works."""
    rasa = StandInRasa()
    await rasa.start()
    bench = Bench(a_setting(tmp_path, database_url, rasa), ROOMY, rasa)
    await bench.start()
    yield bench
    await bench.close()


@pytest.fixture
async def rasa() -> AsyncIterator[StandInRasa]:
    """A bot without a desk yet."""
    rasa = StandInRasa()
    await rasa.start()
    yield rasa
    await rasa.stop()
