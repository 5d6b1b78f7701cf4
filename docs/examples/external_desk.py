"""A small desk of your own beside Steward, with an API key and nothing but Python's standard library.

It says that it is there, takes each handoff, answers what the customer writes, and gives the conversation
back to the bot when the customer says thanks. Put your own desk where `answer` is.

    STEWARD_URL=http://127.0.0.1:8080 STEWARD_KEY=stw_... python docs/examples/external_desk.py

The key needs the scopes conversations:read, conversations:write, handoffs:accept and webhooks:manage. Steward
must be able to call this machine; on one machine start it with STEWARD_WEBHOOKS_ALLOW_PRIVATE=1.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import queue
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

FRESH_SECONDS = 300
EVENTS = ["handoff.requested", "message.created"]


class Refused(Exception):
    """Steward said no; `code` is its stable word for why."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.code = code


class Steward:
    """The calls that a desk needs."""

    def __init__(self, url: str, key: str) -> None:
        self._base = url.rstrip("/") + "/api/v1/desk/"
        self._key = key

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """One call; what Steward gives, or Refused."""
        headers = {"Authorization": f"Bearer {self._key}", "Content-Type": "application/json", **headers}
        content = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._base + path, content, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                return json.loads(response.read() or b"null")
        except urllib.error.HTTPError as error:
            told = json.loads(error.read())["error"]
            raise Refused(error.code, told["code"], told["message"]) from None


def is_from_steward(secret: str, headers: Any, body: bytes, now: float) -> bool:
    """Whether the signature is right and the message is fresh."""
    sent_at = headers.get("webhook-timestamp") or ""
    if not sent_at.isdigit() or abs(now - int(sent_at)) > FRESH_SECONDS:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    told = f"{headers.get('webhook-id')}.{sent_at}.".encode() + body
    right = "v1," + base64.b64encode(hmac.new(key, told, hashlib.sha256).digest()).decode()
    given = (headers.get("webhook-signature") or "").split(" ")
    return any(hmac.compare_digest(right, one) for one in given)


class Desk:
    """Receives events, and works on them one after the other."""

    def __init__(self, steward: Steward, answer: Callable[[str], str | None], port: int = 0) -> None:
        self._steward = steward
        self._answer = answer
        self._events: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._known: set[str] = set()
        self._mine: dict[str, int] = {}
        self._secret = ""
        self._hook = ""
        self._server = ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._threads = [
            threading.Thread(target=self._server.serve_forever, daemon=True),
            threading.Thread(target=self._work, daemon=True),
        ]

    def open(self) -> None:
        """Ask for the events, and be there for customers."""
        for thread in self._threads:
            thread.start()
        url = f"http://127.0.0.1:{self._server.server_port}/"
        added = self._steward.call("POST", "webhooks", {"url": url, "name": "Own desk", "events": EVENTS})
        self._hook, self._secret = added["webhook"]["id"], added["secret"]
        self._steward.call("PUT", "presence", {"state": "online"})

    def close(self) -> None:
        """Be gone, and tell so."""
        self._steward.call("PUT", "presence", {"state": "offline"})
        self._steward.call("DELETE", f"webhooks/{self._hook}")
        self._server.shutdown()
        self._server.server_close()
        self._events.put(None)
        for thread in self._threads:
            thread.join()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        desk = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                right = is_from_steward(desk._secret, self.headers, body, time.time())
                # Say at once that it has arrived; a slow answer would be sent again.
                self.send_response(204 if right else 401)
                self.end_headers()
                if right:
                    desk._events.put(json.loads(body))

            def log_message(self, *_: Any) -> None:
                return

        return Handler

    def _work(self) -> None:
        while (event := self._events.get()) is not None:
            # The same event may come twice, but never with another id.
            if event["id"] in self._known:
                continue
            self._known.add(event["id"])
            try:
                self._do(event)
            except Refused as refusal:
                print(f"{event['type']} {event['id']}: {refusal}")

    def _do(self, event: dict[str, Any]) -> None:
        conversation = event["data"]["conversation"]
        if event["type"] == "handoff.requested":
            self._take(conversation)
        elif conversation["id"] in self._mine and event["data"]["message"]["from"] == "customer":
            self._reply(conversation["id"], event["id"], event["data"]["message"]["text"])

    def _take(self, conversation: dict[str, Any]) -> None:
        """Take it under the epoch that the event tells; another desk that was quicker keeps it."""
        path = f"conversations/{conversation['id']}"
        taken = self._steward.call("POST", f"{path}/accept", {"epoch": conversation["epoch"]})
        self._mine[conversation["id"]] = taken["conversation"]["epoch"]
        # What was said so far; `context` tells what the bot understood and what the customer wants.
        opened = self._steward.call("GET", path)
        asked = [one["text"] for one in opened["messages"] if one["from"] == "customer"]
        self._reply(conversation["id"], conversation["id"], asked[-1] if asked else "")

    def _reply(self, conversation_id: str, key: str, text: str) -> None:
        path = f"conversations/{conversation_id}"
        said = self._answer(text)
        if said is None:
            body = {"epoch": self._mine.pop(conversation_id), "note": "The customer has what they wanted."}
            self._steward.call("POST", f"{path}/return", body)
            return
        # With a key of its own, sending it twice stores it once.
        headers = {"Idempotency-Key": f"own-desk-{key}"}
        self._steward.call("POST", f"{path}/messages", {"text": said}, **headers)


def answer(text: str) -> str | None:
    """What a person would say here; None when the conversation goes back to the bot."""
    if "thank" in text.lower():
        return None
    return f"You wrote: {text!r}. I am looking into it."


if __name__ == "__main__":
    desk = Desk(Steward(os.environ["STEWARD_URL"], os.environ["STEWARD_KEY"]), answer)
    desk.open()
    print("This desk takes every handoff now. Ctrl-C ends it.")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        desk.close()
