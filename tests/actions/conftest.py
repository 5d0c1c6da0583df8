"""Actions run as the action server runs them, on a real embedded shop."""

from __future__ import annotations

import asyncio
import copy
import json
import re
import sqlite3
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa_sdk.executor import ActionExecutor

import shop
from shop import identity, store
from shop.demo.seed import open_shop
from shop.model import Locale, Wishes

ROOT = Path(__file__).parents[2]
PL = Locale("pl", "PLN")


@pytest.fixture(scope="session")
def var(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("var")


@pytest.fixture(scope="session")
def executor(var: Path) -> Iterator[ActionExecutor]:
    patch = pytest.MonkeyPatch()
    patch.setenv("SHOPKEEPER_DB", f"sqlite:///{var}/shop.db")
    patch.setenv("SHOPKEEPER_VOCABULARY", f"{var}/vocabulary.json")
    patch.setenv("SHOPKEEPER_ENDPOINTS", str(var / "none.yml"))
    patch.setenv("PAYMENT_SECRET", "whsec_" + "c2VjcmV0" * 5 + "cw==")
    shop.connect.cache_clear()
    with pytest.MonkeyPatch.context() as calm:
        be_patient(calm)
        open_shop().prepare()
        asyncio.run(shop.connect("commerce").search(Wishes(), PL))  # as the server warms up
    running = ActionExecutor()
    running.register_package("actions")
    yield running
    shop.connect.cache_clear()
    patch.undo()


@pytest.fixture(autouse=True)
def patiently(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine may be slow: what is tested is what happens, not how soon."""
    be_patient(monkeypatch)


def be_patient(patch: pytest.MonkeyPatch) -> None:
    patch.setattr("shop.store.PATIENCE", 20.0)


class Shopper:
    """One conversation: says things to single actions, keeps the slots that they set."""

    def __init__(self, executor: ActionExecutor) -> None:
        self.executor = executor
        self.conversation = f"web:{uuid.uuid4().hex}"
        self.slots: dict[str, Any] = {"language": "pl"}
        self.events: list[dict[str, Any]] = []
        self.loop: str | None = None
        self.said: list[dict[str, Any]] = []

    async def does(
        self, action: str, intent: str = "inform", text: str = "", confidence: float = 1.0,
        metadata: dict[str, Any] | None = None, **entities: Any,
    ) -> list[dict[str, Any]]:  # fmt: skip
        """Runs an action on a message and returns what was said: [{"response", values ...}]."""
        listed = [
            {"entity": kind, "value": value}
            for kind, values in entities.items()
            for value in (values if isinstance(values, list) else [values])
        ]
        message = {
            "text": text or f"/{intent}",
            "intent": {"name": intent, "confidence": confidence},
            "entities": listed,
            "message_id": uuid.uuid4().hex,
            "metadata": metadata or {},
        }
        return await self.call(action, message)

    async def call(self, action: str, message: dict[str, Any]) -> list[dict[str, Any]]:
        tracker = {
            "sender_id": self.conversation,
            "slots": copy.deepcopy(self.slots),
            "latest_message": message,
            "events": self.events,
            "paused": False,
            "followup_action": None,
            "active_loop": {"name": self.loop} if self.loop else {},
            "latest_action_name": None,
        }
        result = await self.executor.run(
            {"next_action": action, "tracker": tracker, "domain": domain()}
        )
        assert result is not None
        self.last_events = result["events"]
        for event in self.last_events:
            if event["event"] == "slot":
                self.slots[event["name"]] = event["value"]
        self.said = result["responses"]
        return self.said

    async def answers(
        self, form: str, intent: str = "inform", text: str = "", **entities: Any
    ) -> list[dict[str, Any]]:
        """Answers the form's question, as Rasa's form loop hands it over."""
        asked = self.slots.get("requested_slot")
        if asked:
            self.slots[asked] = text or f"/{intent}"
            self.events = [{"event": "slot", "name": asked, "value": self.slots[asked]}]
        self.loop = form
        said = await self.does(f"validate_{form}", intent, text, **entities)
        self.events = []
        return said

    async def wishes(self, intent: str, text: str = "", **entities: Any) -> list[dict[str, Any]]:
        """Says something to the form of all wishes after the sale."""
        if not self.slots.get("requested_slot"):
            self.loop = None
        return await self.answers("request_form", intent, text, **entities)

    async def is_known(self, order: Any) -> None:
        """Identified by an order, in the language that it was placed in."""
        self.slots["language"] = order.language
        await identity.identify(self.conversation, email=order.email, order_number=order.number)

    @property
    def heard(self) -> list[str]:
        return [message["response"] for message in self.said]


@cache
def domain() -> dict[str, Any]:
    forms: dict[str, Any] = {}
    for file in (ROOT / "data").glob("*/domain.yml"):
        forms |= yaml.safe_load(file.read_text()).get("forms") or {}
    return {"forms": forms, "responses": {"utter_name_intent_track_order": []}}


def mailed_code(folder: Path) -> str:
    newest = max(folder.rglob("*.eml"), key=lambda file: file.stat().st_mtime)
    body = message_from_bytes(newest.read_bytes(), policy=policy.default).get_body(("plain",))
    assert body is not None
    return re.search(r"\b\d{6}\b", body.get_content())[0]


@pytest.fixture
def shopper(executor: ActionExecutor) -> Shopper:
    return Shopper(executor)


__all__ = ["PL", "Shopper", "identity", "mailed_code", "store"]


@dataclass(frozen=True)
class Placed:
    """An order of the demo shop, as its shopper knows it."""

    number: str
    email: str
    name: str
    postcode: str
    language: str
    titles: tuple[str, ...]


class Orders:
    """Hands out orders of the seeded shop, each of them once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.used: set[str] = set()

    def take(self, state: str, lines: int | None = 1, methods: int = 0) -> Placed:
        """A new order in a state with so many lines (None: any), paid by at least so many
        methods."""
        titles = "select json_group_array(title) from order_lines where order_number = o.number"
        query = f"""select o.number, o.email, s.name, json_extract(s.address, '$.postcode'),
                   o.language, ({titles}) from orders o join shoppers s on s.id = o.shopper_id
                   where o.state = ? and {methods} <= (select count(distinct method_id)
                   from transactions where order_number = o.number)
                   order by o.placed desc"""
        with sqlite3.connect(self.path) as db:
            for number, email, name, postcode, language, titles in db.execute(query, (state,)):
                found = tuple(json.loads(titles))
                if number not in self.used and lines in (None, len(found)):
                    self.used.add(number)
                    return Placed(number, email, name, postcode, language, found)
        raise AssertionError(f"no {state} order with {lines} lines is left")

    def row(self, number: str) -> dict[str, Any]:
        with sqlite3.connect(self.path) as db:
            db.row_factory = sqlite3.Row
            return dict(db.execute("select * from orders where number = ?", (number,)).fetchone())


@pytest.fixture(scope="session")
def orders(executor: ActionExecutor, var: Path) -> Orders:
    return Orders(var / "shop.db")
