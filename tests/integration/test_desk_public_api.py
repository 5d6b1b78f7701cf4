"""The customer's API: what it accepts, what it refuses, and how it says so."""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace
from pathlib import Path

import pytest

from steward.desk.app import Server
from steward.desk.limits import Limits, Rate
from steward.errors import ConversationError
from steward.words import Words
from tests.integration.desk_kit import ON_SQLITE, RESPONSES, Bench, Customer, a_setting

pytestmark = ON_SQLITE


async def test_a_new_conversation_is_the_bot_s_and_has_no_messages(bench: Bench):
    response = await bench.http.post("/api/v1/conversations", json={"locale": "en", "unheard": "of"})
    opened = response.json()
    assert response.status_code == 201
    assert set(opened) == {"id", "token", "state", "epoch", "seq", "previous_id"}
    assert (opened["state"], opened["epoch"], opened["seq"]) == ("bot", 0, 0)
    assert len(opened["id"]) >= 22 and len(opened["token"]) >= 43


async def test_the_token_is_not_stored(bench: Bench):
    customer = await bench.customer()
    database = bench.settings.database_url.partition("///")[2]
    content = b"".join(Path(database + part).read_bytes() for part in ("", "-wal"))
    assert customer.id.encode() in content
    assert customer.token.encode() not in content


async def test_the_widget_gets_its_words_and_its_first_suggestions(bench: Bench):
    response = await bench.http.get("/api/v1/widget")
    widget = response.json()
    assert widget["shop"] == {"name": "Alder Home"}
    assert (widget["words"]["greeting"], widget["words"]["send"]) == ("Hello", "Send")
    starters = [
        {"title": "Delivery", "payload": "/delivery"},
        {"title": "Opening hours", "text": "Opening hours"},
    ]
    assert widget["starters"] == starters
    assert response.headers["access-control-allow-origin"] == "*"


async def test_a_starter_may_be_pressed_before_anything_was_said(bench: Bench):
    customer = await bench.customer()
    assert (await customer.post("messages", {"payload": "/delivery"})).status_code == 202
    await customer.read(1, 5)
    assert bench.rasa.asked == [(customer.id, "/delivery")]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": ""}, "text"),
        ({"text": " \n\t "}, "text"),
        ({"text": "x" * 4001}, "text"),
        ({"text": "a\x00b"}, "text"),
        ({"text": 5}, "text"),
        ({"text": None}, "text"),
        ({}, "text"),
        ({"text": "both", "payload": "/delivery"}, "text"),
        ({"payload": "/human"}, "payload"),
        ({"payload": ["/human"]}, "payload"),
    ],
)
async def test_a_message_that_cannot_be_sent_is_refused_by_its_field(bench: Bench, body, field):
    response = await (await bench.customer()).post("messages", body)
    assert response.status_code == 400
    assert response.json()["error"]["field"] == field


async def test_the_longest_text_is_accepted(bench: Bench):
    await (await bench.customer()).say("  " + "é" * 4000 + "  ")


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b'"text"', b'{"text": "\\ud800"}', b"5"])
async def test_a_body_that_is_no_json_object_is_refused(bench: Bench, body):
    customer = await bench.customer()
    path = f"{customer.path}/messages"
    response = await bench.http.post(path, content=body, headers=customer.headers)
    assert response.status_code == 400
    assert set(response.json()["error"]) >= {"code", "message"}


async def test_a_repeated_key_returns_the_first_result(bench: Bench):
    customer = await bench.customer()
    first = await customer.say("hello", key="k")
    assert [await customer.say("hello", key="k") for _ in range(3)] == [first] * 3
    await customer.read(first, 5)
    assert len((await customer.read())["messages"]) == 2
    assert len(bench.rasa.asked) == 1


async def test_the_same_key_at_the_same_time_is_one_message(bench: Bench):
    customer = await bench.customer()
    assert set(await asyncio.gather(*(customer.say("hello", key="k") for _ in range(5)))) == {1}


async def test_a_key_used_for_another_message_is_refused(bench: Bench):
    customer = await bench.customer()
    await customer.say("hello", key="k")
    response = await customer.post("messages", {"text": "goodbye"}, key="k")
    assert (response.status_code, response.json()["error"]["code"]) == (409, "key_reused")


async def test_a_key_belongs_to_one_conversation(bench: Bench):
    one, other = await bench.customer(), await bench.customer()
    await one.say("hello", key="k")
    assert await other.say("goodbye", key="k") == 1


@pytest.mark.parametrize("key", ["", "x" * 201, "with space"])
async def test_an_odd_key_is_refused(bench: Bench, key):
    customer = await bench.customer()
    headers = customer.headers | {"Idempotency-Key": key}
    response = await bench.http.post(f"{customer.path}/messages", json={"text": "hi"}, headers=headers)
    assert (response.status_code, response.json()["error"]["field"]) == (400, "Idempotency-Key")


async def test_a_long_poll_returns_at_once_when_there_is_something(bench: Bench):
    customer = await bench.customer()
    await customer.ask("hello")
    started = time.monotonic()
    assert [message["seq"] for message in (await customer.read(0, 10))["messages"]] == [1, 2]
    assert time.monotonic() - started < 1


async def test_a_long_poll_does_not_return_for_the_customer_s_own_message(bench: Bench):
    held = bench.rasa.hold("hello")
    customer = await bench.customer()
    poll = asyncio.ensure_future(customer.read(0, 10))
    await customer.say("hello")
    await asyncio.sleep(0.2)
    assert not poll.done()
    held.set()
    assert [message["from"] for message in (await poll)["messages"]] == ["customer", "bot"]


async def test_a_long_poll_ends_with_its_time(bench: Bench):
    customer = await bench.customer()
    started = time.monotonic()
    assert (await customer.read(0, 0.3))["messages"] == []
    assert 0.25 < time.monotonic() - started < 2


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("after=-1", "after"),
        ("after=x", "after"),
        ("after=1.5", "after"),
        ("after=1", "after"),
        ("after=99999999999999999999", "after"),
        ("wait=-1", "wait"),
        ("wait=soon", "wait"),
        ("wait=nan", "wait"),
        ("wait=inf", "wait"),
    ],
)
async def test_an_odd_query_is_refused_by_its_field(bench: Bench, query, field):
    customer = await bench.customer()
    response = await bench.http.get(f"{customer.path}/messages?{query}", headers=customer.headers)
    assert (response.status_code, response.json()["error"]["field"]) == (400, field)


async def test_feedback_is_kept_for_messages_from_the_other_side_only(bench: Bench):
    customer = await bench.customer()
    await customer.ask("price?")
    assert (await customer.post("feedback", {"seq": 2, "value": "up"})).status_code == 200
    assert (await customer.post("feedback", {"seq": 2, "value": "down"})).status_code == 200
    for body, field in (
        ({"seq": 1, "value": "up"}, "seq"),
        ({"seq": 9, "value": "up"}, "seq"),
        ({"seq": -(2**40), "value": "up"}, "seq"),
        ({"seq": 2, "value": "sideways"}, "value"),
        ({"value": "up"}, "seq"),
    ):
        response = await customer.post("feedback", body)
        assert (response.status_code, response.json()["error"]["field"]) == (400, field)
    exported = (await customer.post("export")).json()
    assert [(one["seq"], one["value"]) for one in exported["feedback"]] == [(2, "down")]


async def test_a_customer_ends_and_comes_back(bench: Bench):
    customer = await bench.customer()
    view = (await customer.post("end")).json()
    assert (view["state"], view["messages"][0]["text"]) == ("resolved", "Goodbye.")
    assert (await customer.post("end")).json()["seq"] == view["seq"]
    (reply,) = await customer.ask("still there?")
    assert reply["from"] == "bot"


async def test_a_conversation_that_closed_long_ago_stays_closed(bench: Bench, rasa, tmp_path):
    url = f"sqlite:///{tmp_path / 'other.db'}"
    strict = Bench(a_setting(tmp_path / "strict", url, rasa, reopen_hours=0.0), bench.limits, rasa)
    await strict.start()
    customer = await strict.customer()
    first = await customer.say("hello", key="k")
    await customer.read(first, 5)
    await customer.post("end")
    await asyncio.sleep(0.01)
    for response in (
        await customer.post("messages", {"text": "hello?"}),
        await customer.post("handoff"),
        await customer.post("cancel"),
    ):
        assert (response.status_code, response.json()["error"]["code"]) == (409, "conversation_closed")
    assert await customer.say("hello", key="k") == first
    await strict.close()


async def test_an_export_holds_everything(bench: Bench):
    customer = await bench.customer(page="https://shop.example/", identity={"name": "Kim"})
    await customer.ask("price?")
    response = await customer.post("export")
    exported = response.json()
    assert exported["conversation"]["identity"] == {"name": "Kim"}
    assert exported["messages"][0]["text"] == "price?"
    assert "attachment" in response.headers["content-disposition"]


async def test_an_erased_conversation_leaves_only_counts(bench: Bench):
    customer = await bench.customer()
    await customer.ask("my secret garden")
    await customer.post("feedback", {"seq": 2, "value": "up"})
    store = bench.server.desk.store
    assert (await bench.http.delete(customer.path, headers=customer.headers)).status_code == 204
    assert (await bench.http.delete(customer.path, headers=customer.headers)).status_code == 404
    response = await bench.http.get(f"{customer.path}/messages", headers=customer.headers)
    assert response.status_code == 404
    assert await store.conversations.erased() == {
        "conversations": 1,
        "messages_bot": 1,
        "messages_customer": 1,
    }
    with pytest.raises(ConversationError, match="no such conversation"):
        await store.conversations.get(customer.id)
    assert await store.feedback.ratings(customer.id) == await store.events.recorded(customer.id) == []


async def test_a_reply_to_an_erased_conversation_goes_nowhere(bench: Bench):
    held = bench.rasa.hold("slow")
    customer, other = await bench.customer(), await bench.customer()
    await customer.say("slow")
    await bench.rasa.was_asked("slow")
    await bench.http.delete(customer.path, headers=customer.headers)
    held.set()
    (reply,) = await other.ask("price?")
    assert reply["from"] == "bot"


async def test_too_many_messages_at_once_are_told_when_to_go_on(bench: Bench, rasa, tmp_path):
    limits = Limits(messages=Rate(3, 60))
    url = f"sqlite:///{tmp_path / 'other.db'}"
    strict = Bench(a_setting(tmp_path / "strict", url, rasa), limits, rasa)
    await strict.start()
    one, other = await strict.customer(), await strict.customer()
    for n in range(3):
        await one.say(f"message {n}")
    response = await one.post("messages", {"text": "one more"})
    assert (response.status_code, response.json()["error"]["code"]) == (429, "too_many_requests")
    assert 1 <= int(response.headers["retry-after"]) <= 60
    await other.say("not my fault")
    await strict.close()


async def test_one_address_cannot_open_conversations_without_end(rasa, tmp_path, database_url):
    settings = a_setting(tmp_path, database_url, rasa)
    strict = Bench(settings, Limits(conversations=Rate(2, 60)), rasa)
    strict.server = Server(settings, Words(RESPONSES), strict.limits)
    strict.server.app.config.PROXIES_COUNT = 1
    await strict.start()

    async def begin(address: str) -> int:
        headers = {"X-Forwarded-For": address}
        return (await strict.http.post("/api/v1/conversations", json={}, headers=headers)).status_code

    assert [await begin("203.0.113.7") for _ in range(3)] == [201, 201, 429]
    assert await begin("203.0.113.8") == 201
    await strict.http.aclose()
    await strict.server.stop()


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/nothing", 404, "not_found"),
        ("GET", "/api/v1/nothing", 404, "not_found"),
        ("PUT", "/api/v1/conversations", 405, "method_not_allowed"),
        ("POST", "/health/live", 405, "method_not_allowed"),
        ("PUT", "/api/v1/conversations/x/messages", 405, "method_not_allowed"),
        ("GET", "/api/v1/conversations/x", 405, "method_not_allowed"),
        ("GET", "/api/v1/desk/conversations/x/accept", 405, "method_not_allowed"),
        ("GET", "/web/..%2f..%2fetc/passwd", 404, "not_found"),
        ("GET", "/web/%00", 404, "not_found"),
    ],
)
async def test_every_error_has_one_shape(bench: Bench, method, path, status, code):
    response = await bench.http.request(method, path)
    assert response.status_code == status
    assert response.json() == {"error": {"code": code, "message": response.json()["error"]["message"]}}
    assert response.headers["content-type"] == "application/json"


async def test_a_body_that_is_too_large_is_refused(bench: Bench):
    response = await bench.http.post("/api/v1/conversations", content=b"x" * 70_000)
    assert (response.status_code, response.json()["error"]["code"]) == (413, "too_large")


async def test_an_unexpected_fault_says_nothing_about_the_inside(bench: Bench, monkeypatch):
    async def broken(*_):
        raise ZeroDivisionError("a secret")

    monkeypatch.setattr(bench.server.desk.customers, "begin", broken)
    response = await bench.http.post("/api/v1/conversations", json={})
    assert (response.status_code, response.json()["error"]["code"]) == (500, "internal")
    assert "secret" not in response.text and "Zero" not in response.text


async def test_a_database_that_is_away_is_said_so(bench: Bench, monkeypatch):
    def broken(_store):
        raise OSError("disk")

    customer = await bench.customer()
    monkeypatch.setattr("steward.desk.store.database.Database.write", broken)
    response = await customer.post("messages", {"text": "hi"})
    assert (response.status_code, response.json()["error"]["code"]) == (503, "unavailable")


async def test_a_shop_on_another_site_may_use_the_widget_s_api_and_nothing_else(bench: Bench):
    preflight = await bench.http.options("/api/v1/conversations/x/messages")
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == "*"
    assert "Idempotency-Key" in preflight.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in preflight.headers
    for path in ("/api/v1/desk/session", "/", "/metrics"):
        assert "access-control-allow-origin" not in (await bench.http.get(path)).headers


async def test_every_response_carries_the_security_headers(bench: Bench):
    for path in ("/", "/nothing", "/api/v1/widget", "/health/live"):
        headers = (await bench.http.get(path)).headers
        assert "script-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"


async def test_pages_are_served_and_asked_for_again_only_when_they_change(rasa, tmp_path, database_url):
    web = tmp_path / "web"
    for name in (
        "shop/index.html",
        "desk/index.html",
        "chat/steward-chat.js",
        "shop/img/rill.svg",
        ".hidden",
    ):
        (web / name).parent.mkdir(parents=True, exist_ok=True)
        (web / name).write_text(name)
    (tmp_path / "outside").write_text("outside")
    (tmp_path / "data").symlink_to(Path(__file__).resolve().parents[2] / "data", target_is_directory=True)
    settings = a_setting(tmp_path, database_url, rasa)
    here = Bench(replace(settings, root=tmp_path), Limits(), rasa)
    await here.start()
    for path, kind in (
        ("/", "text/html"),
        ("/desk", "text/html"),
        ("/chat.js", "text/javascript"),
        ("/web/shop/img/rill.svg", "image/svg+xml"),
    ):
        response = await here.http.get(path)
        assert response.status_code == 200
        assert response.headers["content-type"].startswith(kind)
        again = await here.http.get(path, headers={"If-None-Match": response.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    (web / "shop/index.html").write_text("changed")
    assert (await here.http.get("/")).text == "changed"
    for path in ("/web/.hidden", "/web/%2e%2e/outside", "/web/shop", "/web/none.js"):
        assert (await here.http.get(path)).status_code == 404
    assert (await here.http.get("/chat.js")).headers["access-control-allow-origin"] == "*"
    await here.http.aclose()
    await here.server.stop()


async def test_health_tells_the_bot_s_state_beside_its_own(bench: Bench):
    assert (await bench.http.get("/health/live")).json() == {"status": "live"}
    ready = await bench.http.get("/health/ready")
    assert ready.status_code == 200
    assert ready.json() == {
        "status": "ready",
        "database": True,
        "bot": True,
        "actions": None,
        "agents_online": 0,
    }
    await bench.rasa.stop()
    assert (await bench.http.get("/health/ready")).json()["bot"] is False


async def test_metrics_count_what_happened(bench: Bench):
    customer: Customer = await bench.queued("safety")
    await customer.post("cancel")
    await bench.queued("safety")
    lines = (await bench.http.get("/metrics")).text.splitlines()
    assert "steward_conversations_total 2" in lines
    assert 'steward_messages_total{from="customer"} 2' in lines
    assert 'steward_handoffs_total{reason="safety"} 2' in lines
    assert "steward_queue_length 1" in lines
    assert "steward_reply_seconds_count 2" in lines
