"""A shopper at the web channel: types, taps, waits for the answer as the widget does."""

from __future__ import annotations

import json
import queue
import re
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx

ANSWER_SECONDS = 20.0  # generous: two busy cores; users' own deadline is tested in test_failures.py


@dataclass
class Reply:
    """What the assistant said in one turn."""

    messages: list[dict[str, Any]] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(message["text"] or "" for message in self.messages)

    @property
    def cards(self) -> list[dict[str, Any]]:
        return [card for message in self.messages for card in message["cards"]]

    @property
    def buttons(self) -> list[dict[str, Any]]:
        of_cards = [button for card in self.cards for button in card["buttons"]]
        return [b for message in self.messages for b in message["buttons"]] + of_cards


class Chat:
    def __init__(self, assistant: str, origin: str, lang: str, currency: str) -> None:
        self.base = f"{assistant}/webhooks/web"
        self.page = {"lang": lang, "currency": currency, "page": {"url": f"{origin}/{lang}/"}}
        self.http = httpx.Client(timeout=30, verify=False, headers={"Origin": origin})
        session = self.http.post(f"{self.base}/session", json=self.page)
        session.raise_for_status()
        self.conversation = session.json()["conversation"]
        self.http.headers["Authorization"] = f"Bearer {session.json()['token']}"
        self.events: queue.Queue[tuple[str, dict[str, Any]]] = queue.Queue()
        self.last = Reply()
        self.listening = threading.Event()
        threading.Thread(target=self.listen, daemon=True).start()
        assert self.listening.wait(ANSWER_SECONDS)

    def listen(self) -> None:
        with self.http.stream("GET", f"{self.base}/events?after=0", timeout=None) as stream:
            self.listening.set()
            for event in events(stream.iter_lines()):
                self.events.put(event)

    def say(self, text: str) -> Reply:
        return self.send({"text": text})

    def tap(self, title: str) -> Reply:
        """Taps the button of the last reply whose title matches the pattern."""
        offered = [b for b in self.last.buttons if "choice" in b]
        button = next((b for b in offered if re.search(title, b["title"])), None)
        assert button, f"no button {title!r} among {[b['title'] for b in self.last.buttons]}"
        return self.send({"choice": button["choice"], "title": button["title"]})

    def link(self, part: str) -> str:
        """The URL of the last reply's link button that has this part."""
        links = [b["url"] for b in self.last.buttons if part in b.get("url", "")]
        assert links, f"no link with {part!r} in {self.last.text!r}"
        return links[0]

    def send(self, body: dict[str, Any]) -> Reply:
        message_id = uuid.uuid4().hex
        message = {"id": message_id, **self.page, **body}
        answer = self.http.post(f"{self.base}/message", json=message)
        if answer.status_code == 429:  # faster than people type
            time.sleep(int(answer.headers["Retry-After"]))
            answer = self.http.post(f"{self.base}/message", json=message)
        answer.raise_for_status()
        self.last = self.until(lambda name, data: name == "done" and data["reply_to"] == message_id)
        return self.last

    def told(self, pattern: str, seconds: float = ANSWER_SECONDS) -> Reply:
        """Waits for a message that comes by itself."""
        self.last = self.until(
            lambda name, data: name == "message" and bool(re.search(pattern, data["text"] or "")),
            seconds,
        )
        return self.last

    def until(self, ended: Any, seconds: float = ANSWER_SECONDS) -> Reply:
        reply = Reply()
        while True:
            try:
                name, data = self.events.get(timeout=seconds)
            except queue.Empty:
                raise AssertionError(
                    f"no answer within {seconds} s; so far: {reply.text!r}"
                ) from None
            if name == "message" and data["from"] == "bot":
                reply.messages.append(data)
            if ended(name, data):
                return reply


def events(lines: Iterator[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Server-sent events as (name, data)."""
    name, data = "message", ""
    for line in lines:
        if line.startswith("event:"):
            name = line[6:].strip()
        elif line.startswith("data:"):
            data += line[5:].strip()
        elif not line:
            if data:
                yield name, json.loads(data)
            name, data = "message", ""
