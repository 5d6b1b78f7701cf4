"""What is pure of webhooks: signatures, pauses, which addresses may be called, which events an outcome is."""

from __future__ import annotations

import pytest

from steward.desk.conversation import Accepted, Conversation, HandoffAsked, Resolved, State, step
from steward.desk.integrations.events import EVENTS, events_of
from steward.desk.integrations.hooks import new_secret, pause, sign
from steward.desk.integrations.outside import check_url, is_public
from steward.desk.limits import Deliveries
from steward.desk.store import Committed, StoredMessage
from steward.errors import ConversationError


def test_the_signature_is_that_of_the_specification() -> None:
    # The example of the Standard Webhooks specification's reference libraries.
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    body = b'{"test": 2432232314}'
    signed = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_no_two_secrets_are_alike() -> None:
    assert new_secret() != new_secret()


def test_pauses_double_up_to_an_hour_and_are_never_much_shorter() -> None:
    rules = Deliveries()
    assert [pause(n, rules, 0) for n in (1, 2, 3)] == [5_000, 10_000, 20_000]
    assert pause(1, rules, 1) == 2_500
    assert {pause(n, rules, 0) for n in (11, 40, 10_000)} == {3_600_000}


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
    ],
)
def test_an_address_inside_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:8.8.8.8"])
def test_an_address_outside_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/",
        "https://127.0.0.1/",
        "https://[::1]:8443/",
        "https://localhost/",
        "https://a.localhost/",
        "https://user@example.org/",
        "https://example.org/#part",
        "https://exa mple.org/\n",
        "javascript:alert(1)",
        "https://" + "a" * 3000 + ".org/",
    ],
)
def test_what_may_never_be_called_is_refused_at_once(url: str) -> None:
    with pytest.raises(ConversationError) as refusal:
        check_url(url, "url", allow_private=False)
    assert refusal.value.field == "url"


def test_an_ordinary_address_is_taken_as_it_is() -> None:
    assert check_url("https://desk.example:8443/hook?a=1", "url", allow_private=False)


def test_an_outcome_tells_its_messages_first_and_then_what_it_means() -> None:
    new = Conversation("c")
    told = []
    for event in (HandoffAsked(1), Accepted(2, 1, "a", "Robin"), Resolved(3, 2, "a")):
        outcome = step(new, event)
        messages = tuple(StoredMessage(str(one.seq), one) for one in outcome.messages)
        told += [one.type for one in events_of(Committed(outcome, messages), lambda one: {"id": one.id})]
        new = outcome.after
    assert new.state is State.RESOLVED
    assert [one for one in told if one != "message.created"] == [
        "handoff.requested",
        "handoff.accepted",
        "conversation.resolved",
    ]
    assert told[0] == "message.created"
    assert set(told) <= set(EVENTS)
