"""The operators' inbox: what comes in and why, its groups, and labels that never collide."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa

from steward.clock import now
from steward.desk.bus import Bus
from steward.desk.improve.inbox import Wanted
from steward.desk.improve.service import Improve
from steward.desk.shapes import encode
from steward.desk.store import Store
from steward.desk.store.inbox import turns
from steward.privacy import mask
from tests.integration.desk_kit import META, ON_SQLITE, Agent, Bench, Customer, handoff, until

VOUCHER, RENTAL, PRICE = range(3)
SECRET = "mine is ann@example.org, call +49 170 1234567"


def vector(meaning: int, turn: float = 0.0) -> str:
    """A meaning as the bot sends it: the same number means the same, `turn` makes it a little different."""
    rng = np.random.default_rng(meaning)
    direction = rng.normal(size=384)
    near = np.random.default_rng(round(turn * 1000) + 7).normal(size=384)
    found = direction / np.linalg.norm(direction) + turn * near / np.linalg.norm(near)
    return base64.b64encode(np.rint(found / np.abs(found).max() * 127).astype(np.int8).tobytes()).decode()


def reading(meaning: int, turn: float = 0.0, topic: str = "delivery", **more: Any) -> dict[str, Any]:
    """How the bot read a message."""
    read = {
        "intent": "nlu_fallback",
        "confidence": 0.31,
        "threshold": 0.6,
        "ranking": [[topic, 0.31], ["price", 0.2]],
        "nearest": {"text": "do you deliver", "intent": topic, "similarity": 0.4},
        "skus": [],
        "hazard": None,
        "language": "en",
        "vector": vector(meaning, turn),
    }
    return read | more


def clarify(meaning: int, turn: float = 0.0, **more: Any) -> list[dict[str, Any]]:
    """The bot asks back, as it does when it is not sure."""
    meta: dict[str, Any] = {"act": "clarify", "topic": None, "skus": [], "confidence": 0.31, "sources": []}
    return [
        {"text": "What do you mean?"},
        {"custom": {"meta": meta, "understood": reading(meaning, turn, **more)}},
    ]


def answer(meaning: int, topic: str = "price", skus: Sequence[str] = (), turn: float = 0.0) -> list[Any]:
    """The bot answers."""
    meta = {**META, "topic": topic, "skus": list(skus)}
    read = reading(meaning, turn, topic, intent=topic, confidence=0.9, skus=list(skus))
    return [{"text": f"About {topic}."}, {"custom": {"meta": meta, "understood": read}}]


async def unsure(bench: Bench, *texts: str, meaning: int = VOUCHER, **more: Any) -> list[Customer]:
    """Customers, one for each text, whom the bot does not understand."""
    customers = []
    for number, text in enumerate(texts):
        bench.rasa.replies[mask(text)] = clarify(meaning, 0.05 * number, **more)
        customers.append(await bench.customer())
        await customers[-1].ask(text)
    return customers


async def inbox(operator: Agent, **query: Any) -> dict[str, Any]:
    """A page of the inbox."""
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    response = await operator.call("GET", f"inbox?{asked}")
    assert response.status_code == 200, response.text
    return dict(response.json())


async def groups(operator: Agent, **query: Any) -> list[dict[str, Any]]:
    """The groups of a page."""
    return list((await inbox(operator, **query))["groups"])


async def put(
    operator: Agent, items: Sequence[str], kind: str = "topic", topic: str | None = "delivery"
) -> Any:
    """Label messages."""
    body = {"items": list(items), "kind": kind, "topic": topic if kind == "topic" else None}
    return await operator.call("POST", "inbox/labels", body)


async def all_groups(operator: Agent, **query: Any) -> list[dict[str, Any]]:
    """The groups of all pages."""
    page = await inbox(operator, **query)
    found = list(page["groups"])
    while page["next"]:
        page = await inbox(operator, after=page["next"], **query)
        found += page["groups"]
    return found


async def test_what_the_bot_was_unsure_of_comes_in_grouped_with_its_evidence(bench: Bench):
    olga = await bench.agent("Olga", role="operator")
    first, *_ = await unsure(bench, "do you sell vouchers", "can i buy a voucher", "voucher please")
    await unsure(bench, "can i rent a drill", meaning=RENTAL)
    page = await inbox(olga)
    assert page["counts"] == {"open": 4, "by_why": {"unsure": 4}} and page["next"] is None
    vouchers, rental = page["groups"]
    assert (vouchers["size"], rental["size"]) == (3, 1)
    assert [item["text"] for item in vouchers["items"]] == [
        "voucher please",
        "can i buy a voucher",
        "do you sell vouchers",
    ]
    assert vouchers["item_ids"] == [item["id"] for item in vouchers["items"]]
    assert vouchers["id"] == vouchers["item_ids"][-1]
    assert vouchers["suggestion"] == {"topic": "delivery", "share": 0.31, "nearest": "do you deliver"}
    oldest = vouchers["items"][-1]
    assert (oldest["conversation_id"], oldest["seq"], oldest["why"]) == (first.id, 1, ["unsure"])
    assert oldest["understood"] == {
        "topic": "delivery",
        "confidence": 0.31,
        "threshold": 0.6,
        "ranking": [["delivery", 0.31], ["price", 0.2]],
        "nearest": {"text": "do you deliver", "intent": "delivery", "similarity": 0.4},
        "skus": [],
        "act": "clarify",
        "hazard": None,
        "language": "en",
        "model": None,
    }
    assert [(line["from"], line["text"]) for line in oldest["after"]] == [("bot", "What do you mean?")]
    assert (oldest["outcome"], oldest["agent_answer"]) == ({"state": "bot", "reason": None}, None)


async def test_one_label_takes_the_whole_group_and_can_be_taken_back(bench: Bench):
    olga = await bench.agent("Olga", role="operator")
    await unsure(bench, "do you sell vouchers", "can i buy a voucher")
    await unsure(bench, "can i rent a drill", meaning=RENTAL)
    vouchers, rental = await groups(olga)
    made = await put(olga, vouchers["item_ids"])
    assert made.status_code == 201
    label = made.json()["label"]
    assert label["by"] == {"id": olga.id, "name": "Olga"} and label["applied"] is False
    assert sorted(label["items"]) == sorted(vouchers["item_ids"])
    assert [group["id"] for group in await groups(olga)] == [rental["id"]]
    (done,) = await groups(olga, state="labelled")
    assert (done["id"], done["size"], done["label"]["topic"]) == (label["id"], 2, "delivery")
    taken_back = await olga.call("DELETE", f"inbox/labels/{label['id']}")
    assert taken_back.status_code == 200
    assert [group["id"] for group in await groups(olga)] == [vouchers["id"], rental["id"]]
    assert await groups(olga, state="labelled") == []
    assert (await olga.call("DELETE", f"inbox/labels/{label['id']}")).status_code == 404


async def test_of_two_operators_who_label_at_once_one_wins_and_the_other_is_told_who(bench: Bench):
    olga, paul = await bench.agent("Olga", role="operator"), await bench.agent("Paul", role="operator")
    texts = [f"do you sell vouchers {word}" for word in "now here today please abroad online".split()]
    await unsure(bench, *texts)
    (group,) = await groups(olga)
    for _ in range(5):
        answers = await asyncio.gather(
            put(olga, group["item_ids"], topic="delivery"),
            put(paul, list(reversed(group["item_ids"])), topic="price"),
            put(olga, group["item_ids"][:2], kind="ignore"),
            put(paul, group["item_ids"][3:], kind="out_of_scope"),
        )
        won = [one for one in answers if one.status_code == 201]
        lost = [one.json()["error"] for one in answers if one.status_code != 201]
        labels = [one.json()["label"] for one in won]
        labelled = [item for label in labels for item in label["items"]]
        assert won and len(labelled) == len(set(labelled))
        names = {label["by"]["name"] for label in labels}
        for refusal in lost:
            assert refusal["code"] == "taken"
            assert refusal["message"].split(" labelled this already: ")[0] in names
        for label in labels:
            assert (await olga.call("DELETE", f"inbox/labels/{label['id']}")).status_code == 200
    await put(olga, group["item_ids"])
    late = await put(paul, group["item_ids"][:1], kind="ignore")
    assert (late.status_code, late.json()["error"]) == (
        409,
        {"code": "taken", "message": "Olga labelled this already: Delivery."},
    )


async def test_why_a_message_is_in_the_inbox(bench: Bench):
    olga = await bench.agent("Olga", role="operator")
    bench.rasa.replies |= {
        "what is the price": answer(PRICE),
        "i mean how much is it": answer(PRICE, turn=0.2),
        "this is useless": [
            {"text": "I am sorry."},
            {
                "custom": {
                    "meta": {**META, "act": "offer_human", "topic": "complaint", "sources": []},
                    "understood": reading(9, topic="complaint", intent="complaint", confidence=0.95),
                }
            },
        ],
        "does it float": [
            {"text": "I do not know."},
            {"custom": {"meta": {**META, "act": "offer_human", "topic": "usage", "sources": []}}},
        ],
        "break": 500,
    }
    again = await bench.customer()
    await again.ask("what is the price")
    assert await groups(olga) == []
    await again.ask("i mean how much is it")
    cross = await bench.customer()
    await cross.ask("what is the price")
    await cross.ask("this is useless")
    for text in ("does it float", "break"):
        await (await bench.customer()).ask(text)
    rated = await bench.customer()
    reply = (await rated.ask("what is the price"))[0]
    for value in ("down", "down"):
        assert (await rated.post("feedback", {"seq": reply["seq"], "value": value})).status_code in (200, 204)
    left = await bench.customer()
    await left.ask("what is the price")
    await left.post("handoff")
    found = {
        (item["conversation_id"], item["text"]): item["why"]
        for group in await groups(olga)
        for item in group["items"]
    }
    assert found == {
        (again.id, "what is the price"): ["rephrased"],
        (cross.id, "what is the price"): ["complaint"],
        (rated.id, "what is the price"): ["thumbs_down"],
        (left.id, "what is the price"): ["handed_over"],
        **{one: found[one] for one in found if one[1] in ("does it float", "break")},
    }
    assert {one[1]: why for one, why in found.items() if one[1] in ("does it float", "break")} == {
        "does it float": ["no_answer"],
        "break": ["bot_error"],
    }
    assert (await inbox(olga))["counts"] == {
        "open": 6,
        "by_why": {
            "bot_error": 1,
            "complaint": 1,
            "handed_over": 1,
            "no_answer": 1,
            "rephrased": 1,
            "thumbs_down": 1,
        },
    }
    await rated.post("feedback", {"seq": reply["seq"], "value": "up"})
    assert (await inbox(olga))["counts"]["open"] == 5


@ON_SQLITE
async def test_who_asks_for_a_person_tells_about_the_question_before_it(bench: Bench):
    olga = await bench.agent("Olga", role="operator")
    bench.rasa.replies["what is the price"] = answer(PRICE)
    asks = handoff("customer_asked")
    asks[1]["custom"]["meta"] = {**asks[1]["custom"]["meta"], "topic": "human"}
    asks[1]["custom"]["understood"] = reading(8, topic="human", intent="human", confidence=0.99)
    bench.rasa.replies["a person please"] = asks
    customer, direct = await bench.customer(), await bench.customer()
    await customer.ask("what is the price")
    await customer.ask("a person please")
    await direct.ask("a person please")
    items = [group["items"][0] for group in await groups(olga, why="handed_over")]
    assert {(item["conversation_id"], item["text"]) for item in items} == {
        (customer.id, "what is the price"),
        (direct.id, "a person please"),
    }
    assert {item["outcome"]["reason"] for item in items} == {"customer_asked"}


async def test_what_happened_next_and_what_the_agent_answered_is_told_without_personal_data(bench: Bench):
    olga, robin = await bench.agent("Olga", role="operator"), await bench.agent("Robin")
    (customer,) = await unsure(bench, f"do you sell vouchers, {SECRET}")
    await customer.post("handoff")
    await robin.act(customer, "accept")
    await robin.say(customer, "Yes, from 10 euros; I write to ann@example.org.")
    (group,) = await groups(olga)
    (item,) = group["items"]
    assert set(item["why"]) == {"unsure", "handed_over"}
    assert item["text"] == "do you sell vouchers, mine is [email], call [phone]"
    assert item["agent_answer"] == "Yes, from 10 euros; I write to [email]."
    assert item["outcome"] == {"state": "agent", "reason": "customer_asked"}
    whole = (await olga.call("GET", f"inbox/items/{item['id']}")).json()
    assert whole["item"] == item
    assert [line["from"] for line in whole["transcript"]][:2] == ["customer", "bot"]
    for told in (group, whole):
        assert "ann@" not in str(told) and "1234567" not in str(told)


async def test_it_filters_by_topic_product_confidence_time_outcome_why_and_words(bench: Bench):
    olga = await bench.agent("Olga", role="operator")
    await unsure(bench, "do you sell Vouchers")
    await unsure(bench, "is the rill quiet", meaning=RENTAL, topic="usage", skus=["RL-300"], confidence=0.55)
    queued = (await unsure(bench, "let me rent it", meaning=PRICE))[0]
    await queued.post("handoff")

    async def texts(**query: Any) -> set[str]:
        return {item["text"] for group in await groups(olga, **query) for item in group["items"]}

    assert await texts(topic="usage") == {"is the rill quiet"}
    assert await texts(sku="RL-300") == {"is the rill quiet"}
    assert await texts(min_confidence=0.5) == {"is the rill quiet"}
    assert await texts(max_confidence=0.5) == {"do you sell Vouchers", "let me rent it"}
    assert await texts(why="handed_over") == {"let me rent it"}
    assert await texts(outcome="queued") == {"let me rent it"}
    assert await texts(q="vouch SELL") == {"do you sell Vouchers"}
    assert await texts(since="2100-01-01") == set()
    assert len(await texts(until="2100-01-01", since="2020-01-01T00:00:00Z")) == 3
    assert (await inbox(olga, topic="usage"))["counts"]["open"] == 3
    for query in ("since=soon", "min_confidence=2", "why=fun", "state=quiet", "after=x"):
        assert (await olga.call("GET", f"inbox?{query}")).status_code == 400, query


@ON_SQLITE
async def test_a_large_inbox_comes_in_pages_that_go_on_where_the_last_one_ended(bench: Bench):
    olga = await bench.agent("Olga", role="operator")
    for number in range(23):
        await unsure(bench, f"question {'abcdefghijklmnopqrstuvw'[number] * 9}", meaning=100 + number)
    first = await inbox(olga)
    assert len(first["groups"]) == 20 and first["counts"]["open"] == 23
    await put(olga, first["groups"][0]["item_ids"], kind="ignore")
    second = await inbox(olga, after=first["next"])
    assert len(second["groups"]) == 3 and second["next"] is None
    seen = [group["id"] for group in first["groups"] + second["groups"]]
    assert len(set(seen)) == 23


async def test_what_was_labelled_is_suggested_for_what_is_alike(bench: Bench):
    olga = await bench.agent("Olga", role="operator")
    await unsure(bench, "do you sell vouchers")
    (group,) = await groups(olga)
    await put(olga, group["item_ids"], topic="ordering")
    await unsure(bench, "gift cards for a friend?")
    (later,) = await groups(olga)
    assert later["suggestion"]["topic"] == "ordering"
    assert later["suggestion"]["nearest"] == "do you sell vouchers"
    assert later["suggestion"]["share"] > 0.5


async def test_the_button_pressed_when_the_bot_asked_back_is_the_suggestion(bench: Bench):
    olga = await bench.agent("Olga", role="operator")
    asks = clarify(VOUCHER)
    asks.insert(1, {"text": None, "buttons": [{"title": "Ordering", "payload": "/ordering"}]})
    bench.rasa.replies |= {"do you sell vouchers": asks, "/ordering": answer(PRICE, "ordering")}
    del bench.rasa.replies["/ordering"][1]["custom"]["understood"]
    customer = await bench.customer()
    await customer.ask("do you sell vouchers")
    assert (await groups(olga))[0]["suggestion"]["topic"] == "delivery"
    assert (await customer.post("messages", {"payload": "/ordering"}, "k1")).status_code == 202
    await until(lambda: any(text == "/ordering" for _, text in bench.rasa.asked))
    await customer.read(3, 5)
    assert (await groups(olga))[0]["suggestion"]["topic"] == "ordering"


async def test_labels_wait_to_become_examples_and_cannot_be_taken_back_after_that(bench: Bench):
    olga = await bench.agent("Olga", role="operator")
    await unsure(bench, "do you sell vouchers", "Do you sell vouchers?", "can i buy a voucher")
    await unsure(bench, "what about my cat", meaning=RENTAL)
    await unsure(bench, "asdf", meaning=PRICE)
    by_text = {group["text"]: group["item_ids"] for group in await groups(olga)}
    vouchers = next(ids for ids in by_text.values() if len(ids) == 3)
    label = (await put(olga, vouchers, topic="ordering")).json()["label"]
    await put(olga, by_text["what about my cat"], kind="out_of_scope")
    await put(olga, by_text["asdf"], kind="ignore")
    labels = bench.server.desk.improve.labels
    pending = await labels.pending()
    assert [(one.topic, one.text) for one in pending] == [
        ("ordering", "do you sell vouchers"),
        ("ordering", "can i buy a voucher"),
        ("out_of_scope", "what about my cat"),
    ]
    await labels.applied({label["id"]}, "c0ffee")
    assert [one.topic for one in await labels.pending()] == ["out_of_scope"]
    refused = await olga.call("DELETE", f"inbox/labels/{label['id']}")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "applied")
    assert (await groups(olga, state="labelled", topic="ordering"))[0]["label"]["applied"] is True


async def test_erasing_a_conversation_takes_its_messages_out_of_the_inbox(bench: Bench):
    olga = await bench.agent("Olga", role="operator")
    customer, other = await unsure(bench, "do you sell vouchers", "can i buy a voucher")
    (group,) = await groups(olga)
    assert (await bench.http.delete(customer.path, headers=customer.headers)).status_code == 204
    (left,) = await groups(olga)
    assert [item["conversation_id"] for item in left["items"]] == [other.id]
    gone = next(one for one in group["item_ids"] if one not in left["item_ids"])
    assert (await olga.call("GET", f"inbox/items/{gone}")).status_code == 404
    assert (await put(olga, group["item_ids"])).status_code == 404
    await put(olga, left["item_ids"])
    assert (await bench.http.delete(other.path, headers=other.headers)).status_code == 204
    assert await bench.server.desk.improve.labels.pending() == ()
    assert await groups(olga, state="labelled") == []


@ON_SQLITE
async def test_a_label_that_cannot_be_is_refused(bench: Bench):
    olga = await bench.agent("Olga", role="operator")
    await unsure(bench, "do you sell vouchers")
    (group,) = await groups(olga)
    ids = group["item_ids"]
    for body, status, field in (
        ({"items": ids, "kind": "topic"}, 400, "topic"),
        ({"items": ids, "kind": "topic", "topic": "nlu_fallback"}, 400, "topic"),
        ({"items": ids, "kind": "topic", "topic": "delivery", "skus": ["NO-1"]}, 400, "skus"),
        ({"items": [], "kind": "ignore"}, 400, "items"),
        ({"items": [*ids, "none"], "kind": "ignore"}, 404, None),
    ):
        refused = await olga.call("POST", "inbox/labels", body)
        assert (refused.status_code, refused.json()["error"].get("field")) == (status, field), body
    assert len(await groups(olga)) == 1


@ON_SQLITE
async def test_the_palette_has_the_topics_of_the_shop(bench: Bench):
    olga = await bench.agent("Olga", role="operator")
    topics = (await olga.call("GET", "inbox/topics")).json()["topics"]
    names = [topic["name"] for topic in topics]
    assert {"delivery", "price", "warranty"} <= set(names)
    assert not {"nlu_fallback", "out_of_scope"} & set(names)
    assert [topic["title"].casefold() for topic in topics] == sorted(t["title"].casefold() for t in topics)


async def test_an_agent_marks_what_the_bot_should_have_known(bench: Bench):
    olga, robin = await bench.agent("Olga", role="operator"), await bench.agent("Robin")
    customer = await bench.queued()
    await robin.act(customer, "accept")
    seq = await customer.say("can I have it engraved")
    given = (await robin.say(customer, "Yes, for 10 euros.")).json()["seq"]
    path = f"conversations/{customer.id}/messages/{seq}/mark"
    marked = await robin.call("POST", path, {"answer_seq": given, "note": "Often asked."})
    assert marked.status_code == 201
    mark = marked.json()["mark"]
    assert (mark["seq"], mark["answer_seq"], mark["note"], mark["by"]["name"]) == (
        seq,
        given,
        "Often asked.",
        "Robin",
    )
    assert (await robin.call("GET", f"conversations/{customer.id}")).json()["marks"] == [mark]
    (group,) = await groups(olga, why="marked")
    (item,) = group["items"]
    assert (item["text"], item["agent_answer"], item["note"]) == (
        "can I have it engraved",
        "Yes, for 10 euros.",
        "Often asked.",
    )
    assert item["understood"]["confidence"] is None
    # From the agent's own answer: the question before it, with that answer.
    again = await robin.call("POST", f"conversations/{customer.id}/messages/{given}/mark", {})
    assert (again.json()["mark"]["seq"], again.json()["mark"]["answer_seq"]) == (seq, given)
    assert (await robin.call("DELETE", path)).status_code == 204
    assert await groups(olga, why="marked") == []
    assert (await robin.call("DELETE", path)).status_code == 404
    for wrong in ({"answer_seq": seq}, {"answer_seq": 999}):
        refused = await robin.call("POST", path, wrong)
        assert (refused.status_code, refused.json()["error"]["field"]) == (400, "answer_seq")
    assert (await robin.call("POST", f"conversations/{customer.id}/messages/99/mark", {})).status_code == 404
    assert (await olga.call("POST", path, {})).status_code == 403


@ON_SQLITE
async def test_operators_hear_of_labels_and_of_what_others_have_before_them(bench: Bench):
    olga, paul = await bench.agent("Olga", role="operator"), await bench.agent("Paul", role="admin")
    robin = await bench.agent("Robin")
    async with olga.socket() as olgas, paul.socket() as pauls, robin.socket() as robins:
        await pauls.next("queue")
        await unsure(bench, "do you sell vouchers")
        assert await olgas.next("inbox") == {"type": "inbox", "items": [], "by": None}
        (group,) = await groups(olga)
        assert (await olga.call("PUT", "inbox/focus", {"group": group["id"]})).status_code == 204
        looking = {
            "type": "inbox_focus",
            "group": group["id"],
            "operators": [{"id": olga.id, "name": "Olga"}],
        }
        assert await pauls.next("inbox_focus") == looking
        assert (await groups(paul))[0]["focus"] == looking["operators"]
        label = (await put(olga, group["item_ids"])).json()["label"]
        told = {"type": "inbox", "items": [{"id": group["item_ids"][0], "label": label}]}
        for socket in (olgas, pauls):
            while not (frame := await socket.next("inbox"))["items"]:
                pass
            assert frame == {**told, "by": {"id": olga.id, "name": "Olga"}}
        await robins.send(type="ping")
        heard = set()
        while (frame := await robins.next())["type"] != "pong":
            heard.add(frame["type"])
        assert not heard & {"inbox", "inbox_focus"}


@ON_SQLITE
async def test_an_operator_hears_nothing_of_conversations_and_counts_as_nobody_on_duty(bench: Bench):
    olga = await bench.agent("Olga", role="operator")
    async with olga.socket() as socket:
        await bench.queued()
        await socket.send(type="presence", state="online")
        await socket.send(type="ping")
        frames = []
        while (frame := await socket.next())["type"] != "pong":
            frames.append(frame["type"])
        assert set(frames) <= {"inbox"}
        assert not bench.server.desk.presence.online(olga.id)
        await olga.call("PUT", "inbox/focus", {"group": "g"})
        assert bench.server.desk.improve.lookers("g") == [{"id": olga.id, "name": "Olga"}]
    await until(lambda: not bench.server.desk.improve.lookers("g"))


@ON_SQLITE
async def test_conversations_from_before_the_inbox_are_rated_and_marked_like_others(bench: Bench):
    olga, robin = await bench.agent("Olga", role="operator"), await bench.agent("Robin")
    customer = await bench.customer()
    reply = (await customer.ask("what does it cost"))[0]

    async def forget() -> None:
        async with bench.server.desk.store.database.write() as connection:
            await connection.execute(sa.delete(turns))

    await bench.server.desk.store.database.run(forget())
    await customer.post("feedback", {"seq": reply["seq"], "value": "down"})
    (group,) = await groups(olga)
    (item,) = group["items"]
    assert (item["text"], item["why"]) == ("what does it cost", ["thumbs_down"])
    assert (item["understood"]["topic"], item["understood"]["confidence"]) == ("price", 0.97)
    assert item["understood"]["skus"] == ["RL-300"]
    marked = await robin.call("POST", f"conversations/{customer.id}/messages/{reply['seq']}/mark", {})
    assert marked.json()["mark"]["seq"] == item["seq"]
    assert (await groups(olga))[0]["whys"] == ["thumbs_down", "marked"]


@ON_SQLITE
async def test_odd_words_of_the_bot_about_its_reading_do_not_stop_its_reply(bench: Bench):
    olga = await bench.agent("Olga", role="operator")
    odd = {
        "intent": 7,
        "confidence": "high",
        "threshold": [1],
        "ranking": [["price"], "x", ["price", float(2)], [None, 0.3]],
        "nearest": {"text": None},
        "skus": ["RL-300", 3],
        "vector": "***",
        "hazard": "x\x00y",
    }
    bench.rasa.replies["odd"] = clarify(VOUCHER)
    bench.rasa.replies["odd"][1]["custom"]["understood"] = odd
    customer = await bench.customer()
    assert (await customer.ask("odd"))[0]["text"] == "What do you mean?"
    (group,) = await groups(olga)
    understood = group["items"][0]["understood"]
    assert (understood["ranking"], understood["skus"], understood["hazard"]) == (
        [["price", 1.0]],
        ["RL-300"],
        "xy",
    )


@ON_SQLITE
async def test_a_reply_that_is_refused_leaves_no_message_in_the_inbox(bench: Bench):
    olga, robin = await bench.agent("Olga", role="operator"), await bench.agent("Robin")
    bench.rasa.replies["slow"] = clarify(VOUCHER)
    held = bench.rasa.hold("slow")
    customer = await bench.customer()
    await customer.say("slow")
    await bench.rasa.was_asked("slow")
    await robin.act(customer, "takeover")
    held.set()
    await until(lambda: bench.server.desk.metrics.dropped == 1)
    assert await groups(olga) == []


async def test_two_desks_on_one_database_show_the_same_groups_and_labels(bench: Bench, database_url: str):
    olga = await bench.agent("Olga", role="operator")
    await unsure(bench, "do you sell vouchers", "can i buy a voucher", "voucher please")
    await unsure(bench, "can i rent a drill", "drill for rent?", meaning=RENTAL)
    store = Store(database_url)
    await store.open()
    elsewhere = Improve(store, Bus(), bench.server.desk.improve.topics, dict, now).inbox
    here = await inbox(olga)
    assert encode(await elsewhere.page("open", Wanted(), None)) == encode(here)
    await put(olga, here["groups"][0]["item_ids"])
    await unsure(bench, "tool hire", meaning=RENTAL)
    assert encode(await elsewhere.page("open", Wanted(), None)) == encode(await inbox(olga))
    assert encode(await elsewhere.page("labelled", Wanted(), None)) == encode(
        await inbox(olga, state="labelled")
    )
    await store.close()


async def test_labelling_and_replies_of_the_bot_do_not_stand_in_each_others_way(bench: Bench):
    olga = await bench.agent("Olga", role="operator")
    bench.rasa.replies["what is the price"] = answer(PRICE)
    customers = await asyncio.gather(*(bench.customer() for _ in range(12)))
    await asyncio.gather(*(customer.ask("what is the price") for customer in customers))
    # Asked again: each reply changes the message before it, too, while those are being labelled.
    for _ in range(2):
        asked = [customer.ask("what is the price") for customer in customers]
        labelling = [label_all(olga) for _ in range(6)]
        answers = await asyncio.gather(*asked, *labelling)
        assert all(len(one) == 1 for one in answers[:12])
    await label_all(olga)
    page = await inbox(olga)
    assert page["counts"]["open"] == 0
    done = await all_groups(olga, state="ignored")
    assert sum(group["size"] for group in done) == 24
    assert all(item["why"] == ["rephrased"] for group in done for item in group["items"])


async def label_all(operator: Agent) -> None:
    """Ignore what is there; another may be faster."""
    for group in await groups(operator):
        answered = await put(operator, group["item_ids"], kind="ignore")
        assert answered.status_code in (201, 409), answered.text
