"""A conversation over the web channel, a turn at a time, without a thread of its own."""

from __future__ import annotations

import time
import uuid
from contextlib import ExitStack
from typing import Any

import httpx

from tests.journeys.chat import ANSWER_SECONDS, events
from tests.journeys.system import System

CURRENCY = "USD"
SETTLED = 0.2  # seconds after which a stream that has been opened tells of new messages only


class Talk:
    def __init__(self, system: System, language: str) -> None:
        self.base = f"{system.assistant}/webhooks/web"
        page = {"url": f"{system.shop}/{language}/"}
        self.page = {"lang": language, "currency": CURRENCY, "page": page}
        self.http = httpx.Client(
            timeout=ANSWER_SECONDS, verify=False, headers={"Origin": system.shop}
        )
        session = self.http.post(f"{self.base}/session", json=self.page)
        session.raise_for_status()
        self.http.headers["Authorization"] = f"Bearer {session.json()['token']}"
        self.open = ExitStack()
        stream = self.http.stream("GET", f"{self.base}/events?after=0")
        self.events = events(self.open.enter_context(stream).iter_lines())
        time.sleep(SETTLED)

    def say(self, text: str) -> list[dict[str, Any]]:
        """The assistant's messages until its turn ends. Raises httpx.HTTPError if it does not."""
        message = {"id": uuid.uuid4().hex, "text": text, **self.page}
        self._post(message)
        found = []
        for name, data in self.events:
            if name == "message" and data["from"] == "bot":
                found.append(data)
            elif name == "done" and data["reply_to"] == message["id"]:
                break
        return found

    def close(self) -> None:
        self.open.close()
        self.http.close()

    def _post(self, message: dict[str, Any]) -> None:
        answer = self.http.post(f"{self.base}/message", json=message)
        if answer.status_code == 429:  # faster than people type
            time.sleep(int(answer.headers["Retry-After"]))
            answer = self.http.post(f"{self.base}/message", json=message)
        answer.raise_for_status()
