"""Files both ways: what is taken, who may see it, and what is left when something goes wrong."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import hashlib
import os
import sys

import httpx

from steward.clock import now
from steward.desk.store import Quota
from steward.desk.workspace.files import LARGEST
from steward.settings import Settings
from tests.integration.desk_kit import ON_SQLITE, ROOMY, Agent, Bench, Customer, a_setting, until
from tests.support.files import GIF, PDF, PNG, archive_of

DiskUsage = collections.namedtuple("DiskUsage", "total used free")


async def upload(
    bench: Bench, who: Customer | Agent, customer: Customer, data: bytes, name: str = "a.png", **headers: str
) -> httpx.Response:
    """Send a file as the request's body."""
    base = "/api/v1/desk" if isinstance(who, Agent) else "/api/v1"
    return await bench.http.post(
        f"{base}/conversations/{customer.id}/files",
        content=data,
        headers={**who.headers, "Content-Type": "image/png", "X-Filename": name, **headers},
    )


async def test_a_customers_picture_reaches_the_agent(bench: Bench):
    customer = await bench.queued()
    agent = await bench.agent()
    await agent.act(customer, "accept")
    response = await upload(bench, customer, customer, PNG, "Mein%20Bild.png")
    assert response.status_code == 201, response.text
    file = response.json()["file"]
    assert (file["name"], file["type"], file["size"]) == ("Mein Bild.png", "image/png", len(PNG))
    sent = await customer.post("messages", {"files": [file["id"]]})
    assert sent.status_code == 202, sent.text
    opened = (await agent.call("GET", f"conversations/{customer.id}")).json()
    shown = opened["messages"][-1]
    assert shown["text"] == "" and shown["attachments"][0]["name"] == "Mein Bild.png"
    assert opened["conversation"]["preview"] == "Mein Bild.png"
    got = await bench.http.get(shown["attachments"][0]["url"], headers={"Cookie": agent.headers["Cookie"]})
    assert got.content == PNG and got.headers["content-type"] == "image/png"


async def test_an_agents_document_reaches_the_customer(bench: Bench):
    customer = await bench.queued()
    agent = await bench.agent()
    await agent.act(customer, "accept")
    file = (await upload(bench, agent, customer, PDF, "manual.pdf")).json()["file"]
    body = {"text": "Here it is.", "files": [file["id"]]}
    said = await agent.call("POST", f"conversations/{customer.id}/messages", body)
    assert said.status_code == 201, said.text
    shown = (await customer.read())["messages"][-1]
    assert shown["text"] == "Here it is."
    got = await bench.http.get(shown["attachments"][0]["url"])
    assert got.content == PDF
    assert got.headers["content-disposition"].startswith('attachment; filename="manual.pdf"')


async def test_a_form_does_as_well(bench: Bench):
    customer = await bench.customer()
    response = await bench.http.post(
        f"{customer.path}/files", files={"file": ("Größe.pdf", PDF, "text/html")}, headers=customer.headers
    )
    assert response.status_code == 201, response.text
    file = response.json()["file"]
    assert (file["name"], file["type"], file["size"]) == ("Größe.pdf", "application/pdf", len(PDF))


async def test_the_bot_is_not_asked_about_a_file_and_offers_a_person(bench: Bench):
    customer = await bench.customer()
    file = (await upload(bench, customer, customer, PNG)).json()["file"]
    sent = await customer.post("messages", {"files": [file["id"]]})
    seq = sent.json()["seq"]
    reply = (await customer.read(seq, 10))["messages"][0]
    assert (reply["from"], reply["reply_to"]) == ("bot", seq)
    assert reply["text"] == "I cannot look at files."
    assert reply["buttons"] == [{"title": "A person, please", "payload": "/human"}]
    assert bench.rasa.asked == []
    other = (await upload(bench, customer, customer, PDF, "a.pdf")).json()["file"]
    sent = await customer.post("messages", {"text": "what is this?", "files": [other["id"]]})
    reply = (await customer.read(sent.json()["seq"], 10))["messages"][0]
    assert reply["text"] == "The Rill 300 costs 249 euros."
    assert [text for _, text in bench.rasa.asked] == ["what is this?"]


@ON_SQLITE
async def test_files_are_served_so_that_they_cannot_act(bench: Bench):
    customer = await bench.customer()
    polyglot = GIF + b"<html><script>alert(document.cookie)</script></html>"
    for data, name, disposition, kind in (
        (polyglot, "both.html", 'inline; filename="both.html.gif"', "image/gif"),
        (b"a,b\n=1+1,2\n", "list.csv", 'attachment; filename="list.csv"', "text/csv; charset=utf-8"),
        (PDF, "%22quote%0d%0aX-Evil: 1.pdf", 'attachment; filename="_quoteX-Evil_ 1.pdf"', "application/pdf"),
    ):
        file = (await upload(bench, customer, customer, data, name)).json()["file"]
        got = await bench.http.get(file["url"])
        assert got.content == data
        assert got.headers["content-type"] == kind
        assert got.headers["content-disposition"].startswith(disposition)
        assert got.headers["x-content-type-options"] == "nosniff"
        assert got.headers["content-security-policy"].startswith("sandbox; default-src 'none'")
        assert "x-evil" not in got.headers
        again = await bench.http.get(file["url"], headers={"If-None-Match": got.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


@ON_SQLITE
async def test_who_may_not_see_a_file_does_not(bench: Bench):
    customer, stranger = await bench.queued(), await bench.customer()
    robin, olga = await bench.agent("Robin"), await bench.agent("Olga", role="operator")
    file = (await upload(bench, customer, customer, PNG)).json()["file"]
    plain = f"/api/v1/files/{file['id']}"
    get = bench.http.get
    assert (await get(plain, headers=customer.headers)).content == PNG
    assert (await get(plain, headers=robin.headers)).content == PNG
    assert (await get(plain)).status_code == 401
    assert (await get(plain, headers=stranger.headers)).status_code == 404
    assert (await get(plain, headers=olga.headers)).status_code == 403
    assert (await get(plain, headers={"Authorization": "Bearer stw_nothing"})).status_code == 401
    signed = file["url"]
    assert (await get(signed)).content == PNG
    other = (await upload(bench, customer, customer, PDF, "b.pdf")).json()["file"]
    swapped = signed.replace(file["id"], other["id"])
    assert (await get(swapped)).status_code == 404
    assert (await get(signed[:-1] + ("0" if signed[-1] != "0" else "1"))).status_code == 404
    assert (await get(signed.replace("until=", "until=9"))).status_code in (400, 404)
    assert (await get(f"{plain}?until=1&signature=%C3%A4")).status_code == 404
    for who in (stranger, olga):
        base = "/api/v1/desk" if who is olga else "/api/v1"
        path = f"{base}/conversations/{customer.id}/files"
        refused = await bench.http.post(path, content=PNG, headers=who.headers)
        assert refused.status_code in (403, 404)
        assert (await get(f"{path}/{file['id']}", headers=who.headers)).status_code in (403, 404)
        assert (await bench.http.delete(f"{path}/{file['id']}", headers=who.headers)).status_code in (
            403,
            404,
        )
    own = f"/api/v1/conversations/{stranger.id}/files/{file['id']}"
    assert (await get(own, headers=stranger.headers)).status_code == 404


@ON_SQLITE
async def test_a_signed_address_expires_and_a_fresh_one_is_to_be_had(bench: Bench, monkeypatch):
    customer = await bench.customer()
    file = (await upload(bench, customer, customer, PNG)).json()["file"]
    path = f"{customer.path}/files/{file['id']}"
    assert (await bench.http.get(path, headers=customer.headers)).json()["file"] == file
    later = now() + 3 * 3_600_000
    monkeypatch.setattr(bench.server.desk.files._links, "_now", lambda: later)
    expired = await bench.http.get(file["url"])
    assert (expired.status_code, expired.json()["error"]["code"]) == (403, "link_expired")
    fresh = (await bench.http.get(path, headers=customer.headers)).json()["file"]["url"]
    assert fresh != file["url"]
    assert (await bench.http.get(fresh)).content == PNG


@ON_SQLITE
async def test_addresses_stay_good_after_a_restart(bench: Bench):
    customer = await bench.customer()
    file = (await upload(bench, customer, customer, PNG)).json()["file"]
    key = bench.settings.home / "files.key"
    assert key.stat().st_mode & 0o777 == 0o600
    await bench.restart()
    assert (await bench.http.get(file["url"])).content == PNG


async def test_what_the_desk_has_not_sent_yet_the_customer_does_not_see(bench: Bench):
    customer, robin = await bench.queued(), await bench.agent()
    await robin.act(customer, "accept")
    file = (await upload(bench, robin, customer, PDF, "draft.pdf")).json()["file"]
    assert (await bench.http.get(file["url"], headers=customer.headers)).status_code == 404
    path = f"{customer.path}/files/{file['id']}"
    assert (await bench.http.get(path, headers=customer.headers)).status_code == 404
    assert (await customer.post("export")).json()["files"] == []
    stolen = await customer.post("messages", {"files": [file["id"]]})
    assert stolen.status_code == 400


async def test_a_file_is_sent_once_and_only_by_who_uploaded_it(bench: Bench):
    customer = await bench.customer()
    file = (await upload(bench, customer, customer, PNG)).json()["file"]
    body = {"text": "look", "files": [file["id"]]}
    first = await customer.post("messages", body, "k1")
    assert (await customer.post("messages", body, "k1")).json() == first.json()
    again = await customer.post("messages", body, "k2")
    assert (again.status_code, again.json()["error"]["code"]) == (409, "file_gone")
    robin = await bench.agent()
    await robin.act(customer, "takeover")
    by_agent = await robin.call("POST", f"conversations/{customer.id}/messages", body)
    assert by_agent.status_code == 400
    stranger = await bench.customer()
    assert (await stranger.post("messages", body)).status_code == 400
    for odd in ([file["id"]] * 2, ["none"], [""], "x", [1], ["x"] * 11):
        assert (await customer.post("messages", {"text": "x", "files": odd})).status_code == 400, odd
    assert (
        await customer.post("messages", {"payload": "/delivery", "files": [file["id"]]})
    ).status_code == 400
    texts = [
        message["text"] for message in (await customer.read())["messages"] if message["from"] == "customer"
    ]
    assert texts == ["look"]


async def test_the_same_key_uploads_once(bench: Bench):
    customer = await bench.customer()
    headers = {"Idempotency-Key": "u1"}
    first = await upload(bench, customer, customer, PNG, **headers)
    again = await upload(bench, customer, customer, PNG, **headers)
    assert again.status_code == 201
    assert again.json()["file"]["id"] == first.json()["file"]["id"]
    other = await upload(bench, customer, customer, PDF, **headers)
    assert (other.status_code, other.json()["error"]["code"]) == (409, "key_reused")
    assert on_disk(bench) == [first.json()["file"]["id"]]


async def test_a_file_not_sent_yet_can_be_taken_back(bench: Bench):
    customer = await bench.customer()
    file = (await upload(bench, customer, customer, PNG)).json()["file"]
    path = f"{customer.path}/files/{file['id']}"
    assert (await bench.http.delete(path, headers=customer.headers)).status_code == 204
    assert (await bench.http.delete(path, headers=customer.headers)).status_code == 404
    assert on_disk(bench) == []
    sent = (await upload(bench, customer, customer, PNG)).json()["file"]
    await customer.post("messages", {"files": [sent["id"]]})
    refused = await bench.http.delete(f"{customer.path}/files/{sent['id']}", headers=customer.headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "file_gone")


async def test_erasing_a_conversation_erases_its_files_and_the_export_has_them(bench: Bench):
    customer = await bench.customer()
    file = (await upload(bench, customer, customer, PNG, "mine.png")).json()["file"]
    await customer.post("messages", {"files": [file["id"]]})
    exported = (await customer.post("export")).json()
    assert exported["files"][0]["name"] == "mine.png"
    assert exported["files"][0]["sha256"] == hashlib.sha256(PNG).hexdigest()
    assert (await bench.http.get(exported["files"][0]["url"])).content == PNG
    assert exported["messages"][0]["attachments"][0]["id"] == file["id"]
    assert (await bench.http.delete(customer.path, headers=customer.headers)).status_code == 204
    assert (await bench.http.get(file["url"])).status_code == 404
    assert on_disk(bench) == []


@ON_SQLITE
async def test_what_is_too_large_is_refused_and_the_client_can_read_why(bench: Bench):
    customer = await bench.customer()
    exact = b"x" * LARGEST
    assert (await upload(bench, customer, customer, exact, "a.txt")).status_code == 201
    for data in (exact + b"x", b"x" * (3 * LARGEST)):
        refused = await upload(bench, customer, customer, data, "a.txt")
        assert (refused.status_code, refused.json()["error"]["code"]) == (413, "file_too_large")

    async def endless():
        for _ in range(LARGEST // 65536 + 2):
            yield b"x" * 65536

    refused = await bench.http.post(f"{customer.path}/files", content=endless(), headers=customer.headers)
    assert (refused.status_code, refused.json()["error"]["code"]) == (413, "file_too_large")
    form = {"file": ("a.txt", exact + b"x", "text/plain")}
    refused = await bench.http.post(f"{customer.path}/files", files=form, headers=customer.headers)
    assert refused.status_code == 413
    assert len(on_disk(bench)) == 1


@ON_SQLITE
async def test_other_addresses_still_take_little(bench: Bench):
    customer = await bench.customer()
    refused = await customer.post("messages", {"text": "x" * 70_000})
    assert refused.status_code == 413


@ON_SQLITE
async def test_what_is_not_taken_is_refused_and_leaves_nothing(bench: Bench):
    customer = await bench.customer()
    for data in (b"<svg onload=alert(1)>", b"MZ\x90\x00", b"", archive_of({"a.exe": b"MZ"})):
        refused = await upload(bench, customer, customer, data, "picture.png")
        assert (refused.status_code, refused.json()["error"]["code"]) == (415, "file_type"), data
    for headers in ({"Content-Type": "multipart/form-data"}, {"Idempotency-Key": "a b"}):
        assert (await upload(bench, customer, customer, PNG, **headers)).status_code == 400
    assert on_disk(bench) == []
    assert (await customer.post("export")).json()["files"] == []


async def test_a_conversation_takes_only_so_many_files(bench: Bench, monkeypatch):
    monkeypatch.setattr("steward.desk.workspace.files.QUOTA", Quota(files=3, size=10_000))
    customer = await bench.customer()
    done = await asyncio.gather(*(upload(bench, customer, customer, PNG) for _ in range(6)))
    assert sorted(response.status_code for response in done) == [201] * 3 + [413] * 3
    assert len(on_disk(bench)) == 3
    assert (await upload(bench, await bench.customer(), customer, PNG)).status_code == 404


@ON_SQLITE
async def test_a_disk_that_is_nearly_full_is_kept_for_conversations(bench: Bench, monkeypatch):
    customer = await bench.customer()
    monkeypatch.setattr("steward.desk.workspace.disk.shutil.disk_usage", lambda _folder: DiskUsage(10, 9, 1))
    refused = await upload(bench, customer, customer, PNG)
    assert (refused.status_code, refused.json()["error"]["code"]) == (503, "unavailable")
    assert await customer.ask("how much is it?")
    assert on_disk(bench) == []


async def test_files_travel_through_the_sockets(bench: Bench):
    customer, robin = await bench.queued(), await bench.agent()
    await robin.act(customer, "accept")
    mine = (await upload(bench, customer, customer, PNG)).json()["file"]
    theirs = (await upload(bench, robin, customer, PDF, "a.pdf")).json()["file"]
    async with customer.socket() as socket, robin.socket() as desk:
        await socket.next("snapshot")
        await desk.next("queue")
        await socket.send(type="message", key="k", files=[mine["id"]])
        assert (await socket.next("ack"))["key"] == "k"
        shown = (await desk.next("message"))["message"]["attachments"][0]
        assert shown == {**mine, "url": f"/api/v1/files/{mine['id']}"}
        await robin.call("POST", f"conversations/{customer.id}/messages", {"files": [theirs["id"]]})
        shown = (await socket.next("message"))["message"]["attachments"][0]
        assert shown["id"] == theirs["id"]
        assert (await bench.http.get(shown["url"])).content == PDF
        await socket.send(type="message", key="l", files=["nothing"])
        assert (await socket.next("error"))["error"]["field"] == "files"


@ON_SQLITE
async def test_uploads_are_throttled(bench: Bench):
    customer = await bench.customer()
    codes = [(await upload(bench, customer, customer, PNG)).status_code for _ in range(21)]
    assert codes == [201] * 20 + [429]


@ON_SQLITE
async def test_a_client_that_goes_away_in_the_middle_leaves_nothing(bench: Bench):
    customer = await bench.customer()
    writer = await half_an_upload(bench, customer)
    await until(lambda: len(on_disk(bench)) == 1)
    writer.transport.abort()
    await until(lambda: on_disk(bench) == [])


@ON_SQLITE
async def test_what_was_never_sent_is_swept_away_after_a_day(bench: Bench, monkeypatch):
    customer = await bench.customer()
    unsent = (await upload(bench, customer, customer, PNG)).json()["file"]["id"]
    sent = (await upload(bench, customer, customer, PDF, "a.pdf")).json()["file"]["id"]
    await customer.post("messages", {"files": [sent]})
    files = bench.server.desk.files
    (bench.settings.home / "files" / "remainder").write_bytes(b"half of it")
    writer = await half_an_upload(bench, customer)
    await until(lambda: len(on_disk(bench)) == 4)
    await files.sweep()
    assert {unsent, sent} < set(on_disk(bench)) and len(on_disk(bench)) == 3
    later = now() + 25 * 3_600_000
    monkeypatch.setattr(files, "_now", lambda: later)
    await files.sweep()
    assert unsent not in on_disk(bench) and sent in on_disk(bench)
    refused = await customer.post("messages", {"files": [unsent]})
    assert refused.status_code == 400
    writer.transport.abort()
    await until(lambda: on_disk(bench) == [sent])


async def test_a_killed_desk_leaves_no_half_file(tmp_path, rasa):
    settings = a_setting(tmp_path, f"sqlite:///{tmp_path / 'steward.db'}", rasa)
    first = await a_process(settings)
    bench = Bench(settings, ROOMY, rasa)
    customer = await bench.customer()
    whole = (await upload(bench, customer, customer, PNG)).json()["file"]
    await half_an_upload(bench, customer)
    await until(lambda: len(on_disk(bench)) == 2)
    first.kill()
    await first.wait()
    assert len(on_disk(bench)) == 2
    second = await a_process(settings)
    await until(lambda: on_disk(bench) == [whole["id"]], 20)
    assert (await bench.http.get(whole["url"])).content == PNG
    assert [one["id"] for one in (await customer.post("export")).json()["files"]] == [whole["id"]]
    second.terminate()
    await second.wait()
    await bench.http.aclose()


def on_disk(bench: Bench) -> list[str]:
    """The files in the desk's folder."""
    return sorted(path.name for path in (bench.settings.home / "files").iterdir())


async def half_an_upload(bench: Bench, customer: Customer) -> asyncio.StreamWriter:
    """A connection on which half a file has been sent."""
    _reader, writer = await asyncio.open_connection("127.0.0.1", bench.port)
    head = f"POST {customer.path}/files HTTP/1.1\r\nHost: desk\r\nAuthorization: Bearer {customer.token}\r\n"
    writer.write(f"{head}Content-Length: 2000000\r\n\r\n".encode() + PNG + b"x" * 900_000)
    await writer.drain()
    return writer


async def a_process(settings: Settings) -> asyncio.subprocess.Process:
    """A desk in a process of its own, ready."""
    environment = {
        **os.environ,
        "STEWARD_HOME": str(settings.home),
        "PORT": str(settings.port),
        "DATABASE_URL": settings.database_url,
        "BOT_URL": settings.bot_url,
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "steward.desk", cwd=settings.root, env=environment
    )
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.port}") as http:
        for _ in range(300):
            with contextlib.suppress(httpx.TransportError):
                if (await http.get("/health/ready")).status_code == 200:
                    return process
            await asyncio.sleep(0.1)
    raise AssertionError("the desk did not start")
