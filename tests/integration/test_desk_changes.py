"""Operators change what the bot knows: gathered, looked at, applied as one commit in their name."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from steward.desk.improve import changes as desk_changes
from steward.memory import THROW_AWAY
from tests.integration.desk_kit import META, ON_SQLITE, ROOMY, Agent, Bench, StandInRasa, a_setting
from tests.support.project import a_project, git

MORE = {"kind": "add_examples", "topic": "price", "texts": ["what would it take to take two home"]}
DOGS: dict[str, Any] = {
    "kind": "create_topic",
    "name": "dogs",
    "title": "Dogs in the shop",
    "examples": ["may my poodle come along"],
    "answer": "Dogs are welcome.",
    "product_needed": False,
    "answers": {},
    "buttons": [{"title": "Opening hours", "payload": "/hours"}],
}


@pytest.fixture
async def shop(database_url: str, tmp_path: Path) -> AsyncIterator[Bench]:
    """A desk whose shop is a copy, in a git repository of its own."""
    rasa = StandInRasa()
    await rasa.start()
    settings = a_setting(tmp_path, database_url, rasa, root=a_project(tmp_path, committed=True))
    bench = Bench(settings, ROOMY, rasa)
    await bench.start()
    yield bench
    await bench.close()


async def add(operator: Agent, operation: dict[str, Any]) -> dict[str, Any]:
    """Gather a change."""
    response = await operator.call("POST", "improve/changes", {"operation": operation})
    assert response.status_code == 201, response.text
    return dict(response.json()["change"])


async def review(operator: Agent) -> dict[str, Any]:
    """What waits."""
    response = await operator.call("GET", "improve/changes")
    assert response.status_code == 200, response.text
    return dict(response.json())


async def label(shop: Bench, operator: Agent, text: str, topic: str) -> str:
    """A customer writes what the bot does not understand, an operator says what it means; the label's id."""
    meta = {**META, "act": "clarify", "topic": None, "skus": []}
    shop.rasa.replies[text] = [{"text": "What do you mean?"}, {"custom": {"meta": meta}}]
    await (await shop.customer()).ask(text)
    groups = (await operator.call("GET", "inbox")).json()["groups"]
    item = next(one["id"] for group in groups for one in group["items"] if one["text"] == text)
    body = {"items": [item], "kind": "topic", "topic": topic}
    response = await operator.call("POST", "inbox/labels", body)
    assert response.status_code == 201, response.text
    return str(response.json()["label"]["id"])


async def test_changes_are_gathered_looked_at_and_applied_in_ones_own_name(shop: Bench):
    olga, sam = await shop.agent("Olga", role="operator"), await shop.agent("Sam", role="operator")
    first, second = await add(olga, DOGS), await add(sam, MORE)
    assert (first["kind"], first["summary"], first["by"]["name"]) == (
        "create_topic",
        "New topic dogs with 1 example",
        "Olga",
    )
    assert first["operation"] == DOGS
    seen = await review(sam)
    assert [one["id"] for one in seen["changes"]] == [first["id"], second["id"]]
    assert [one["problem"] for one in seen["changes"]] == [None, None]
    diffs = {one["path"]: one["text"] for one in seen["diff"]}
    assert "+    - what would it take to take two home\n" in diffs["data/nlu/price.yml"]
    assert {"path": "data/nlu/dogs.yml", "line": None} in [
        {"path": one["path"], "line": one["line"]} for one in seen["warnings"]
    ]
    assert (seen["git"], seen["writable"]) == ({"branch": "main", "dirty": []}, True)
    applied = await sam.call("POST", "improve/changes/apply", {"message": "Dogs, at last"})
    assert applied.status_code == 200, applied.text
    root = shop.settings.root
    assert applied.json()["commit"] == git(root, "rev-parse", "HEAD").strip()
    assert set(applied.json()["files"]) == set(diffs)
    said = git(root, "log", "-1", "--format=%an|%s|%b")
    assert said.startswith("Sam|Dogs, at last|") and "- New topic dogs with 1 example" in said
    after = await review(olga)
    assert (after["changes"], after["diff"], after["git"]["dirty"]) == ([], [], [])
    topic = (await olga.call("GET", "improve/topics/dogs")).json()["topic"]
    assert topic == {
        "name": "dogs",
        "title": "Dogs in the shop",
        "kind": "own",
        "product_needed": False,
        "examples": ["may my poodle come along"],
        "answer": "Dogs are welcome.",
        "answers": {},
        "buttons": [{"title": "Opening hours", "payload": "/hours"}],
        "facts": "none",
    }


@ON_SQLITE
async def test_applying_is_written_to_the_audit_log(shop: Bench):
    admin = await shop.agent("Ada", role="admin")
    await add(admin, MORE)
    await admin.call("POST", "improve/changes/apply", {})
    (entry,) = [
        one
        for one in (await admin.call("GET", "audit")).json()["entries"]
        if one["action"] == "changes.applied"
    ]
    assert entry["detail"] == {
        "commit": git(shop.settings.root, "rev-parse", "HEAD").strip(),
        "files": ["data/nlu/price.yml"],
        "changes": ["1 example more for price"],
    }


@ON_SQLITE
async def test_every_operators_page_hears_of_a_change(shop: Bench):
    olga, sam = await shop.agent("Olga", role="operator"), await shop.agent("Sam", role="operator")
    async with sam.socket() as page:
        change = await add(olga, MORE)
        await page.next("changes")
        await olga.call("DELETE", f"improve/changes/{change['id']}")
        await page.next("changes")
        await add(olga, MORE)
        await page.next("changes")
        await olga.call("POST", "improve/changes/apply", {})
        await page.next("changes")


@ON_SQLITE
async def test_a_change_builds_on_those_that_wait(shop: Bench):
    olga = await shop.agent("Olga", role="operator")
    await add(olga, DOGS)
    more = {"kind": "add_examples", "topic": "dogs", "texts": ["is a terrier welcome too"]}
    await add(olga, more)
    again = await olga.call("POST", "improve/changes", {"operation": DOGS})
    assert (again.status_code, again.json()["error"]["field"]) == (422, "name")
    (first, _) = (await review(olga))["changes"]
    assert (await olga.call("DELETE", f"improve/changes/{first['id']}")).status_code == 204
    assert (await olga.call("DELETE", f"improve/changes/{first['id']}")).status_code == 404
    (left,) = (await review(olga))["changes"]
    assert "There is no topic" in left["problem"]
    refused = await olga.call("POST", "improve/changes/apply", {})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "changed")


@ON_SQLITE
@pytest.mark.parametrize(
    ("operation", "field"),
    [
        ({**DOGS, "name": "Dogs"}, "name"),
        ({**DOGS, "answer": "{what}"}, "answer"),
        ({**DOGS, "buttons": [{"title": "x", "payload": "/nowhere"}]}, "buttons"),
        ({**MORE, "texts": ["/price"]}, "texts"),
        ({"kind": "add_examples", "topic": "price"}, "texts"),
        ({"kind": "nonsense"}, "kind"),
    ],
)
async def test_a_change_that_cannot_be_is_refused_by_field(
    shop: Bench, operation: dict[str, Any], field: str
):
    olga = await shop.agent("Olga", role="operator")
    refused = await olga.call("POST", "improve/changes", {"operation": operation})
    assert (refused.status_code, refused.json()["error"]["field"]) == (422, field), refused.text
    assert (await review(olga))["changes"] == []


@ON_SQLITE
async def test_files_that_somebody_changed_meanwhile_are_read_anew(shop: Bench):
    olga = await shop.agent("Olga", role="operator")
    await add(olga, MORE)
    path = shop.settings.root / "data/nlu/price.yml"
    path.write_text(
        path.read_text(encoding="utf-8").replace("nlu:", "# a colleague\nnlu:", 1), encoding="utf-8"
    )
    assert (await review(olga))["git"]["dirty"] == ["data/nlu/price.yml"]
    assert (await olga.call("POST", "improve/changes/apply", {})).status_code == 200
    assert "# a colleague" in path.read_text(encoding="utf-8")
    assert "a colleague" not in git(shop.settings.root, "show", "--format=", "HEAD")


@ON_SQLITE
async def test_files_that_change_in_the_very_moment_are_not_overwritten(
    shop: Bench, monkeypatch: pytest.MonkeyPatch
):
    olga = await shop.agent("Olga", role="operator")
    await add(olga, MORE)
    path = shop.settings.root / "data/nlu/price.yml"
    message = desk_changes._message

    def slow(*arguments: Any) -> str:
        path.write_text("nlu: []\n", encoding="utf-8")
        return message(*arguments)

    monkeypatch.setattr(desk_changes, "_message", slow)
    refused = await olga.call("POST", "improve/changes/apply", {})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "changed")
    assert path.read_text(encoding="utf-8") == "nlu: []\n"
    assert len((await review(olga))["changes"]) == 1


@ON_SQLITE
async def test_a_broken_file_is_told_with_its_line(shop: Bench):
    olga = await shop.agent("Olga", role="operator")
    path = shop.settings.root / "data/nlu/price.yml"
    path.write_text(path.read_text(encoding="utf-8").replace("- intent:", "- intent: [", 1), encoding="utf-8")
    for address in ("improve/changes", "improve/topics", "improve/topics/price"):
        refused = await olga.call("GET", address)
        assert refused.status_code == 409
        assert "data/nlu/price.yml:" in refused.json()["error"]["message"]


@ON_SQLITE
async def test_labels_of_the_inbox_become_examples(shop: Bench):
    olga = await shop.agent("Olga", role="operator")
    made = await label(shop, olga, "will two of them be dearer", "price")
    warranty = (shop.settings.root / "data/nlu/warranty.yml").read_text(encoding="utf-8")
    there = warranty.split("    - ", 2)[1].strip()
    await label(shop, olga, there, "price")
    await add(olga, DOGS)
    await label(shop, olga, "is a hound fine", "dogs")
    seen = await review(olga)
    assert (seen["labels"]["examples"], set(seen["labels"]["topics"])) == (3, {"price", "dogs"})
    assert {"data/nlu/price.yml", "data/nlu/dogs.yml", "data/nlu/warranty.yml"} <= {
        one["path"] for one in seen["diff"]
    }
    assert (await olga.call("POST", "improve/changes/apply", {})).status_code == 200
    topics = {one["name"]: one for one in (await olga.call("GET", "improve/topics")).json()["topics"]}
    assert topics["dogs"]["examples"] == 2
    price = (await olga.call("GET", "improve/topics/price")).json()["topic"]["examples"]
    assert "will two of them be dearer" in price and there in price
    assert there not in (shop.settings.root / "data/nlu/warranty.yml").read_text(encoding="utf-8")
    assert (await review(olga))["labels"]["examples"] == 0
    undone = await olga.call("DELETE", f"inbox/labels/{made}")
    assert (undone.status_code, undone.json()["error"]["code"]) == (409, "applied")


@ON_SQLITE
async def test_an_example_of_danger_is_not_moved_away_by_a_label(shop: Bench):
    olga = await shop.agent("Olga", role="operator")
    await label(shop, olga, "i smell gas", "price")
    seen = await review(olga)
    assert seen["diff"] == []
    assert ["stays an example of safety" in one["text"] for one in seen["warnings"]] == [True]


@ON_SQLITE
async def test_what_was_applied_when_the_desk_died_is_settled_when_it_comes_back(shop: Bench):
    olga = await shop.agent("Olga", role="operator")
    await add(olga, MORE)
    await label(shop, olga, "will two of them be dearer", "price")
    desk = shop.server.desk

    async def die(note: str, commit: str | None) -> None:
        raise RuntimeError("the desk is gone")

    desk.changes._settle = die  # type: ignore[method-assign]
    assert (await olga.call("POST", "improve/changes/apply", {})).status_code == 500
    await shop.restart()
    seen = await review(olga)
    assert (seen["changes"], seen["labels"]["examples"], seen["diff"]) == ([], 0, [])
    assert git(shop.settings.root, "log", "--oneline").count("\n") == 2
    nothing = await olga.call("POST", "improve/changes/apply", {})
    assert (nothing.status_code, nothing.json()["error"]["code"]) == (409, "nothing")


@ON_SQLITE
async def test_topics_are_listed_with_their_kind(shop: Bench):
    olga = await shop.agent("Olga", role="operator")
    topics = {one["name"]: one for one in (await olga.call("GET", "improve/topics")).json()["topics"]}
    assert topics["price"]["kind"] == "built_in" and topics["price"]["product_needed"]
    assert topics["price"]["title"] == "What it costs"
    assert topics["greet"]["kind"] == "control"
    assert "nlu_fallback" not in topics
    assert (await olga.call("GET", "improve/topics/nowhere")).status_code == 404


async def facts(operator: Agent, topic: str, query: str = "") -> dict[str, Any]:
    """A page of a topic's facts."""
    response = await operator.call("GET", f"improve/topics/{topic}/facts{query}")
    assert response.status_code == 200, response.text
    return dict(response.json())


@ON_SQLITE
async def test_facts_are_told_page_by_page_and_found_by_their_words(shop: Bench):
    olga = await shop.agent("Olga", role="operator")
    first = await facts(olga, "warranty", "?limit=5")
    assert (first["kind"], first["path"], first["total"]) == ("aspects", "data/catalogue/warranty.csv", 14)
    assert (first["products"][0]["sku"], first["products"][0]["name"]) == ("RL-300", "Rill 300")
    assert first["products"][0]["facts"][0]["title"] == "Warranty"
    names = [one["sku"] for one in first["products"]]
    page = first
    while page["next"]:
        page = await facts(olga, "warranty", f"?limit=5&after={page['next']}")
        names += [one["sku"] for one in page["products"]]
    assert len(names) == len(set(names)) == 14
    (found,) = (await facts(olga, "warranty", "?q=rill+300+serial"))["products"]
    assert [fact["aspect"] for fact in found["facts"]] == ["register"]
    assert (await facts(olga, "warranty", "?q=unheard-of"))["total"] == 0
    assert [one["sku"] for one in (await facts(olga, "hours"))["products"]] == [""]
    cells = (await facts(olga, "availability", "?q=dusty"))["products"][0]["facts"]
    assert [fact["aspect"] for fact in cells] == ["count", "back_on", "note"]
    assert await facts(olga, "greet") == {
        "kind": "none",
        "path": "",
        "products": [],
        "total": 0,
        "next": None,
    }


@ON_SQLITE
async def test_the_conversations_that_models_are_tried_on_are_listed(shop: Bench):
    olga = await shop.agent("Olga", role="operator")
    found = (await olga.call("GET", "improve/conversations")).json()["conversations"]
    gas = next(one for one in found if one["name"] == "gas")
    assert gas["source"].startswith("must")
    assert gas["turns"][0]["act"] == "safety"
    assert len(found) >= 25


@ON_SQLITE
async def test_transcripts_are_read_and_a_fault_is_told_with_its_line(shop: Bench):
    olga = await shop.agent("Olga", role="operator")
    body = {"format": None, "content": "Customer: hello\nAgent Sam: hi\nthere"}
    found = (await olga.call("POST", "improve/transcripts", body)).json()["transcripts"]
    assert found == [
        {
            "title": "hello",
            "turns": [{"from": "customer", "text": "hello"}, {"from": "agent", "text": "hi there"}],
        }
    ]
    long = {"format": "text", "content": "Customer: hello\n" * 40_000}
    found = (await olga.call("POST", "improve/transcripts", long)).json()["transcripts"]
    assert len(found[0]["turns"]) == 40_000
    refused = await olga.call("POST", "improve/transcripts", {"format": "jsonl", "content": '{"a": 1}\n{'})
    assert (refused.status_code, refused.json()["error"]["field"]) == (422, "content")
    assert "Line 2: not JSON" in refused.json()["error"]["message"]
    large = {"format": "text", "content": "Customer: hello\n" * 300_000}
    assert (await olga.call("POST", "improve/transcripts", large)).status_code == 413
    assert (await olga.call("POST", "improve/transcripts", {"content": 7})).status_code == 400


@ON_SQLITE
async def test_a_conversation_is_tried_on_the_bot_as_by_nobody(shop: Bench):
    olga = await shop.agent("Olga", role="operator")
    body = {"turns": ["what is it", "/restart my mail is a@example.org"]}
    found = (await olga.call("POST", "improve/transcripts/try", body)).json()["turns"]
    assert found[0] == {
        "text": "what is it",
        "topic": "price",
        "topics": ["price"],
        "skus": ["RL-300"],
        "act": "answer",
        "acts": ["answer"],
        "confidence": 0.97,
        "reply": "The Rill 300 costs 249 euros.",
    }
    (one, two) = shop.rasa.asked
    assert one[0] == two[0] and one[0].startswith(THROW_AWAY)
    assert two[1] == "restart my mail is [email]"
    await shop.rasa.stop()
    gone = await olga.call("POST", "improve/transcripts/try", body)
    assert (gone.status_code, gone.json()["error"]["code"]) == (503, "bot_error")


@ON_SQLITE
async def test_only_those_who_improve_the_bot_may(shop: Bench):
    for role, allowed in (("agent", False), ("lead", False), ("operator", True), ("admin", True)):
        who = await shop.agent(role=role)
        for method, path in (
            ("GET", "changes"),
            ("POST", "changes"),
            ("DELETE", "changes/x"),
            ("POST", "changes/apply"),
            ("GET", "topics"),
            ("GET", "topics/price"),
            ("GET", "topics/price/facts"),
            ("POST", "transcripts"),
            ("POST", "transcripts/try"),
            ("GET", "transcripts/conversations"),
            ("GET", "transcripts/conversations/x"),
            ("GET", "conversations"),
        ):
            status = (await who.call(method, f"improve/{path}", {})).status_code
            assert (status != 403) is allowed, (role, method, path, status)
    assert (await shop.http.get("/api/v1/desk/improve/changes")).status_code == 401
