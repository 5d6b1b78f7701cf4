"""The board over HTTP: who is there, who waits, how the day goes."""

from __future__ import annotations

from typing import Any

from tests.integration.desk_kit import Agent, Bench


async def board(lead: Agent) -> dict[str, Any]:
    answer = await lead.call("GET", "board")
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


async def test_an_empty_day_has_an_empty_board(bench: Bench):
    lead = await bench.agent("Lena", role="lead")
    seen = await board(lead)
    assert seen["queue"] == {
        "waiting": 0,
        "longest_wait": 0,
        "broken": 0,
        "warned": 0,
        "by_skill": [],
        "timers": [],
    }
    assert (seen["today"]["handoffs"], seen["today"]["wait_median"], seen["today"]["csat"]) == (0, None, None)
    assert {agent["name"] for agent in seen["agents"]} == {"Alex", "Lena"}


async def test_the_board_follows_a_conversation_from_the_queue_to_its_end(bench: Bench):
    lead, agent = await bench.agent("Lena", role="lead"), await bench.agent("Robin")
    first, second = await bench.queued(), await bench.queued("complaint")
    queue = (await board(lead))["queue"]
    assert (queue["waiting"], queue["broken"], queue["warned"]) == (2, 0, 0)
    assert {card["id"] for card in queue["timers"]} == {first.id, second.id}
    assert all(card["first_response_due"] for card in queue["timers"])

    await agent.act(first, "accept")
    seen = await board(lead)
    assert seen["queue"]["waiting"] == 1
    taken = next(card for card in seen["queue"]["timers"] if card["id"] == first.id)
    assert taken["agent"]["name"] == "Robin"

    await agent.say(first, "Hello")
    await agent.act(first, "resolve")
    await first.post("feedback", {"seq": 5, "value": "up"})
    seen = await board(lead)
    assert [card["id"] for card in seen["queue"]["timers"]] == [second.id]
    today = seen["today"]
    counted = ("handoffs", "accepted", "answered", "resolved", "deferred", "rated")
    assert [today[name] for name in counted] == [2, 1, 1, 1, 0, 1]
    assert (today["within_target"], today["csat"]) == (1.0, 1.0)
    assert today["wait_median"] is not None and today["first_response_median"] is not None
    assert sum(hour["handoffs"] for hour in today["hours"]) == 2
    robin = next(one for one in seen["agents"] if one["name"] == "Robin")
    assert (robin["load"], robin["handled_today"], robin["resolved_today"]) == (0, 1, 1)


async def test_a_first_answer_warns_and_then_is_late_by_the_rules_of_the_queue(bench: Bench):
    lead, customer = await bench.agent("Lena", role="lead"), await bench.queued()
    rules = (await lead.call("GET", "settings")).json()
    warned = rules | {"first_response_seconds": 100, "warn_seconds": 100}
    assert (await lead.call("PUT", "settings", warned)).status_code == 200
    seen = await board(lead)
    assert (seen["queue"]["broken"], seen["queue"]["warned"]) == (0, 1)
    assert seen["target"] == {"first_response_seconds": 100, "warn_seconds": 100}

    dispatch: Any = bench.server.desk.dispatch
    present = dispatch.first_response_due
    dispatch.first_response_due = lambda one: (present(one) or 0) - 200_000
    seen = await board(lead)
    assert (seen["queue"]["broken"], seen["queue"]["warned"]) == (1, 0)
    assert seen["queue"]["by_skill"][0]["broken"] == 1
    await customer.post("cancel")
    assert (await board(lead))["queue"]["timers"] == []
