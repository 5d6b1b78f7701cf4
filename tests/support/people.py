"""A customer and an agent who use Steward over its HTTP interface."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx

Message = dict[str, Any]


class Customer:
    """Writes to the shop through the public API, one conversation."""

    def __init__(self, url: str) -> None:
        self._http = httpx.Client(base_url=f"{url}/api/v1", timeout=40)
        opened = self._http.post("/conversations", json={}).raise_for_status().json()
        self.id: str = opened["id"]
        self.token: str = opened["token"]
        self.seq: int = opened["seq"]
        self._http.headers["Authorization"] = f"Bearer {self.token}"

    def say(self, text: str) -> list[Message]:
        """Write a message and wait for what answers it."""
        return self._send({"text": text})

    def press(self, button: Message) -> list[Message]:
        """Press a button of a bot message and wait for what answers it."""
        return self._send({"payload": button["payload"]})

    def tell(self, text: str) -> int:
        """Write a message without waiting; its seq."""
        return int(self._post({"text": text})["seq"])

    def read(self, wait: float = 20) -> list[Message]:
        """Everything new since the last look, from anybody else."""
        return self._read(self.seq, wait)

    def has_read(self, seq: int) -> None:
        """Have read up to a message."""
        self._http.post(f"/conversations/{self.id}/read", json={"seq": seq}).raise_for_status()

    def dislike(self, message: Message) -> None:
        """Press thumbs down under one of the bot's messages."""
        body = {"seq": message["seq"], "value": "down"}
        self._http.post(f"/conversations/{self.id}/feedback", json=body).raise_for_status()

    def leave_contact(self, **contact: str) -> Message:
        """Leave an e-mail address or a telephone number, and be promised an answer."""
        return dict(
            self._http.post(f"/conversations/{self.id}/promise", json=contact).raise_for_status().json()
        )

    def state(self) -> Message:
        """Who owns the conversation, and its epoch."""
        answer = self._http.get(f"/conversations/{self.id}/messages", params={"after": 0}).raise_for_status()
        return dict(answer.json())

    def _send(self, body: Message) -> list[Message]:
        seq = int(self._post(body)["seq"])
        return self._read(seq, 30)

    def _post(self, body: Message) -> Message:
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        answer = self._http.post(f"/conversations/{self.id}/messages", json=body, headers=headers)
        return dict(answer.raise_for_status().json())

    def _read(self, after: int, wait: float) -> list[Message]:
        params = {"after": after, "wait": wait}
        answer = self._http.get(f"/conversations/{self.id}/messages", params=params).raise_for_status().json()
        self.seq = max([after, *(message["seq"] for message in answer["messages"])])
        return [message for message in answer["messages"] if message["from"] != "customer"]


@dataclass
class Agent:
    """A person at the desk, signed in."""

    http: httpx.Client
    id: str
    name: str
    email: str
    password: str

    @classmethod
    def sign_in(cls, url: str, email: str, password: str) -> Agent:
        """Sign in with the desk's session cookie."""
        http = _desk(url)
        body = {"email": email, "password": password}
        return cls._signed_in(http, http.post("/session", json=body), password)

    @classmethod
    def join(cls, url: str, link: str, name: str, password: str) -> Agent:
        """Accept an invitation by its link."""
        http = _desk(url)
        body = {"name": name, "password": password}
        return cls._signed_in(http, http.post(f"/join/{link.rpartition('/')[2]}", json=body), password)

    @classmethod
    def _signed_in(cls, http: httpx.Client, answer: httpx.Response, password: str) -> Agent:
        who = answer.raise_for_status().json()["agent"]
        return cls(http, who["id"], who["name"], who["email"], password)

    def invite(self, email: str, name: str, role: str = "agent", skills: Sequence[str] = ()) -> str:
        """Invite somebody; the link to give them."""
        body = {"email": email, "name": name, "role": role, "skills": list(skills)}
        return str(self.http.post("/invitations", json=body).raise_for_status().json()["link"])

    def queue(self) -> list[Message]:
        """The conversations that wait."""
        return list(
            self.http.get("/conversations", params={"view": "queue"})
            .raise_for_status()
            .json()["conversations"]
        )

    def open(self, conversation: str) -> Message:
        """A conversation with its transcript and context."""
        return dict(self.http.get(f"/conversations/{conversation}").raise_for_status().json())

    def accept(self, conversation: str) -> Message:
        """Take a waiting conversation."""
        return self._move(conversation, "accept")

    def give_back(self, conversation: str) -> Message:
        """Return a conversation to the bot."""
        return self._move(conversation, "return")

    def resolve(self, conversation: str) -> Message:
        """Close a conversation."""
        return self._move(conversation, "resolve")

    def answer(self, conversation: str, text: str) -> int:
        """Write to the customer; the message's seq."""
        headers = {"Idempotency-Key": uuid.uuid4().hex}
        sent = self.http.post(f"/conversations/{conversation}/messages", json={"text": text}, headers=headers)
        return int(sent.raise_for_status().json()["seq"])

    def _move(self, conversation: str, move: str) -> Message:
        epoch = self.open(conversation)["conversation"]["epoch"]
        moved = self.http.post(
            f"/conversations/{conversation}/{move}", json={"epoch": epoch}
        ).raise_for_status()
        return dict(moved.json()["conversation"])


def hire(admin: Agent, name: str, role: str = "agent", skills: Sequence[str] = ()) -> Agent:
    """A colleague with an account of their own, signed in."""
    url = str(admin.http.base_url).partition("/api/")[0]
    email = f"{uuid.uuid4().hex[:12]}@alder-home.example"
    return Agent.join(url, admin.invite(email, name, role, skills), name, secrets.token_urlsafe(16))


def _desk(url: str) -> httpx.Client:
    return httpx.Client(base_url=f"{url}/api/v1/desk", timeout=20, headers={"X-Steward": "1"})
