"""Servers that stop in the middle: an honest sentence within ten seconds, then business again."""

from __future__ import annotations

import signal
import sqlite3
import time

import httpx
import pytest

from tests.journeys.chat import Chat
from tests.journeys.system import System

DEADLINE = 10.0  # seconds that a shopper waits at most
SORRY = ("couldn't finish", "can't reach")


def honest(text: str) -> bool:
    return any(words in text for words in SORRY)


@pytest.fixture
def chat(system: System) -> Chat:
    talking = Chat(system.assistant, system.shop, "en", "EUR")
    talking.say("hi")
    return talking


def test_the_action_server_stopped_and_back(system: System, chat: Chat) -> None:
    system.stop("actions")
    began = time.monotonic()
    assert honest(chat.say("what's in my cart?").text)
    assert time.monotonic() - began < DEADLINE
    system.start("actions")
    system.wait()
    assert "empty" in chat.say("what's in my cart?").text


def test_the_action_server_hangs(system: System, chat: Chat) -> None:
    system.signal("actions", signal.SIGSTOP)
    try:
        began = time.monotonic()
        assert honest(chat.say("what's in my cart?").text)
        assert time.monotonic() - began < DEADLINE
    finally:
        system.signal("actions", signal.SIGCONT)


def test_the_shops_database_is_locked(system: System, chat: Chat) -> None:
    chat.say("show me backpacks")
    with sqlite3.connect(system.var / "shop.db", isolation_level=None) as lock:
        lock.execute("begin exclusive")
        began = time.monotonic()
        assert honest(chat.say("add the Stow backpack in black").text)
        assert time.monotonic() - began < DEADLINE
        lock.execute("rollback")
    assert "In your cart" in chat.say("add the Stow backpack in black").text


def test_the_assistant_killed_in_mid_conversation_goes_on(system: System) -> None:
    """What was said is on disk: the answer comes after the restart, and the cart is still there."""
    chat = Chat(system.assistant, system.shop, "en", "EUR")
    chat.say("show me backpacks")
    chat.say("add the Stow backpack in black")
    message = {"id": "afterkill", "text": "what's in my cart?", **chat.page}
    chat.http.post(f"{chat.base}/message", json=message).raise_for_status()
    system.processes.pop("assistant").kill()
    system.start("assistant")
    system.wait()
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        history = chat.http.get(f"{chat.base}/history?after=0&limit=200").json()["messages"]
        answers = [m for m in history if m["reply_to"] == "afterkill" and m["from"] == "bot"]
        if answers:
            break
        time.sleep(0.5)
    assert len(answers) == 1
    assert "Stow" in answers[0]["text"]


def test_the_action_server_answers_nobody_else(system: System) -> None:
    url = f"http://127.0.0.1:{system.env['ACTIONS_PORT']}/webhook"
    call = {"next_action": "action_view_cart", "tracker": {"sender_id": "web:someone"}}
    assert httpx.post(url, json=call).status_code == 401
    forged = {"authorization": "Bearer guess"}
    assert httpx.post(url, json=call, headers=forged).status_code == 401
