"""Canned replies: one's own, everybody's, and those that come with the shop's words."""

from __future__ import annotations

from typing import Any

from tests.integration.desk_kit import ON_SQLITE, Agent, Bench

HELLO = {"shortcut": "hi", "title": "Hello", "text": "Hello {{ customer }}, I am {{agent}}."}


async def listed(agent: Agent) -> dict[str, dict[str, Any]]:
    """The replies that the agent may use, by id."""
    response = await agent.call("GET", "snippets")
    assert response.status_code == 200, response.text
    return {one["id"]: one for one in response.json()["snippets"]}


async def add(agent: Agent, **changes: Any) -> dict[str, Any]:
    """Keep a canned reply."""
    response = await agent.call("POST", "snippets", HELLO | changes)
    assert response.status_code == 201, response.text
    return dict(response.json()["snippet"])


async def test_an_agents_own_reply_is_theirs_alone(bench: Bench):
    robin, sam = await bench.agent("Robin"), await bench.agent("Sam")
    mine = await add(robin)
    assert mine == {**HELLO, "id": mine["id"], "shared": False, "mine": True, "builtin": False}
    assert mine["id"] in await listed(robin)
    assert mine["id"] not in await listed(sam)
    for method in ("PUT", "DELETE"):
        assert (await sam.call(method, f"snippets/{mine['id']}", HELLO)).status_code == 404
    await add(sam)
    changed = await robin.call("PUT", f"snippets/{mine['id']}", HELLO | {"shortcut": "hey", "title": "Hey"})
    assert changed.json()["snippet"]["shortcut"] == "hey"
    assert (await robin.call("DELETE", f"snippets/{mine['id']}")).status_code == 204
    assert mine["id"] not in await listed(robin)
    assert (await robin.call("DELETE", f"snippets/{mine['id']}")).status_code == 404


async def test_a_shortcut_is_there_once_for_each_owner(bench: Bench):
    lena = await bench.agent("Lena", role="lead")
    await add(lena)
    await add(lena, shared=True)
    for shared in (False, True):
        again = await lena.call("POST", "snippets", HELLO | {"shared": shared})
        assert (again.status_code, again.json()["error"]["code"]) == (409, "shortcut_taken")
        assert again.json()["error"]["field"] == "shortcut"
    other = await add(lena, shortcut="other")
    taken = await lena.call("PUT", f"snippets/{other['id']}", HELLO)
    assert (taken.status_code, taken.json()["error"]["code"]) == (409, "shortcut_taken")


@ON_SQLITE
async def test_what_everybody_shares_is_changed_by_a_lead_alone_and_logged(bench: Bench):
    lena, robin = await bench.agent("Lena", role="lead"), await bench.agent("Robin")
    shared = await add(lena, shared=True)
    assert (await listed(robin))[shared["id"]]["shared"]
    for method in ("PUT", "DELETE"):
        assert (await robin.call(method, f"snippets/{shared['id']}", HELLO)).status_code == 403
    assert (await robin.call("POST", "snippets", HELLO | {"shared": True})).status_code == 403
    mine = await add(robin, shortcut="mine")
    promoted = await robin.call("PUT", f"snippets/{mine['id']}", HELLO | {"shared": True})
    assert promoted.status_code == 403
    body = HELLO | {"text": "Changed.", "shared": True}
    assert (await lena.call("PUT", f"snippets/{shared['id']}", body)).status_code == 200
    assert (await lena.call("DELETE", f"snippets/{shared['id']}")).status_code == 204
    admin = await bench.agent("Ada", role="admin")
    entries = (await admin.call("GET", "audit")).json()["entries"]
    acts = [entry["action"] for entry in entries if entry["action"].startswith("snippet.")]
    assert sorted(acts) == ["snippet.added", "snippet.changed", "snippet.deleted"]


@ON_SQLITE
async def test_the_shops_own_replies_are_there_and_stay(bench: Bench):
    robin = await bench.agent("Robin")
    own = (await listed(robin))["builtin-hello"]
    assert own == {
        "id": "builtin-hello",
        "shortcut": "hello",
        "title": "Say hello",
        "text": "Hello {{customer}}, this is {{agent}}.",
        "shared": True,
        "mine": False,
        "builtin": True,
    }
    for method in ("PUT", "DELETE"):
        refused = await robin.call(method, "snippets/builtin-hello", HELLO)
        assert (refused.status_code, refused.json()["error"]["code"]) == (409, "builtin")


@ON_SQLITE
async def test_what_cannot_be_a_reply_is_refused_by_field(bench: Bench):
    robin = await bench.agent("Robin")
    for changes, field in (
        ({"shortcut": "With Space"}, "shortcut"),
        ({"shortcut": ""}, "shortcut"),
        ({"shortcut": "-x"}, "shortcut"),
        ({"shortcut": "x" * 41}, "shortcut"),
        ({"title": " "}, "title"),
        ({"text": "  "}, "text"),
        ({"text": "Dear {{name}}"}, "text"),
        ({"text": "{{}}"}, "text"),
    ):
        refused = await robin.call("POST", "snippets", HELLO | changes)
        assert (refused.status_code, refused.json()["error"].get("field")) == (400, field), changes
    operator = await bench.agent("Olga", role="operator")
    assert (await operator.call("GET", "snippets")).status_code == 403
    assert (await bench.http.get("/api/v1/desk/snippets")).status_code == 401


@ON_SQLITE
async def test_the_catalogue_suggests_answers_to_the_last_message(bench: Bench):
    customer = await bench.queued()
    robin = await bench.agent("Robin")
    path = f"conversations/{customer.id}/suggestions"
    found = (await robin.call("GET", path)).json()["suggestions"]
    assert found[0] == {
        "title": "Rill 300: Price",
        "text": found[0]["text"],
        "source": "catalogue:RL-300/price",
    }
    await customer.say("and how do I change the filters?")
    found = (await robin.call("GET", path)).json()["suggestions"]
    assert found[0]["source"] == "catalogue:RL-300/maintenance"
    assert "catalogue:RL-300/price" in [one["source"] for one in found]
    assert (await robin.call("GET", "conversations/none/suggestions")).status_code == 404
    assert (await bench.http.get(f"/api/v1/desk/{path}", headers=customer.headers)).status_code == 401
