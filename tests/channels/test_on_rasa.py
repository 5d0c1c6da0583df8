"""A messaging channel on the real server: a conversation, forgery, repetition."""

import json
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.channels.fake_platform import Platform
from tests.channels.rig import Actions, Assistant

SECRET = "a-secret-of-ours"


class Phone:
    """People on the fake Telegram, and what they are shown."""

    def __init__(self, assistant: Assistant, platform: Platform) -> None:
        self.assistant, self.platform = assistant, platform
        self.count = 0

    def say(self, text: str, chat: int, update: int | None = None) -> None:
        self._post({"message": {**self._message(chat), "text": text}}, update)

    def speak(self, chat: int, language: str) -> None:
        message = self._message(chat)
        person = {**message["from"], "language_code": language}
        self._post({"message": {**message, "from": person, "voice": {"file_id": "v"}}})

    def tap(self, choice: str, chat: int) -> None:
        message = self._message(chat)
        query = {"id": "q", "from": message["from"], "message": message, "data": choice}
        self._post({"callback_query": query})

    def shown(self, chat: int, count: int, seconds: float = 60) -> list[dict[str, Any]]:
        """The first messages that the chat shows, waited for."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            calls = [h.body for h in list(self.platform.heard) if "/send" in h.path]
            found = [c for c in calls if c["chat_id"] == chat and "action" not in c]
            if len(found) >= count:
                return found
            time.sleep(0.05)
        raise AssertionError(f"{count} messages were not shown: {found}")

    def _message(self, chat: int) -> dict[str, Any]:
        person = {"id": chat, "is_bot": False, "first_name": "A", "language_code": "en"}
        known = {"message_id": 1, "date": int(time.time())}
        return {**known, "chat": {"id": chat, "type": "private"}, "from": person}

    def _post(self, update: dict[str, Any], number: int | None = None) -> None:
        self.count += 1
        body = json.dumps({"update_id": number or self.count, **update})
        headers = {"X-Telegram-Bot-Api-Secret-Token": SECRET}
        url = self.assistant.url + "/webhooks/telegram/webhook"
        for _ in range(300):  # the platform tries again
            try:
                if requests.post(url, data=body, headers=headers, timeout=5).status_code == 200:
                    return
            except requests.RequestException:
                pass
            time.sleep(0.2)
        raise AssertionError("the message was not taken")


@pytest.fixture(scope="module")
def phone(
    tmp_path_factory: pytest.TempPathFactory, model: Path, actions: Actions
) -> Iterator[Phone]:
    folder = tmp_path_factory.mktemp("phone")
    with Platform() as platform:
        settings = {"token": "12:abc", "secret": SECRET, "api": platform.url}
        stanzas = {"channels.telegram.Telegram": settings}
        assistant = Assistant(folder, model, actions, stanzas=stanzas)
        assistant.start()
        yield Phone(assistant, platform)
        assistant.stop()


def test_a_conversation_in_the_channels_own_buttons(phone: Phone) -> None:
    phone.say("hello", 1)
    (hello,) = phone.shown(1, 1)
    (secret,), (shop,) = hello["reply_markup"]["inline_keyboard"]
    assert (hello["text"], secret["text"], shop["url"]) == (
        "Hello!",
        "Secret",
        "https://shop.example/",
    )
    phone.tap(secret["callback_data"], 1)
    assert phone.shown(1, 2)[1]["text"] == "The secret page."
    phone.say("order", 1)
    found, card, _ = phone.shown(1, 5)[2:5]
    assert found["text"] == "Found:"
    assert card["text"].startswith("Storm jacket\nThree layers\nhttps://shop.example/storm")
    assert "answerCallbackQuery" in "".join(heard.path for heard in phone.platform.heard)


def test_what_is_typed_or_stolen_is_no_choice(phone: Phone) -> None:
    phone.say("hello", 2)
    ((secret,), _) = phone.shown(2, 1)[0]["reply_markup"]["inline_keyboard"]
    phone.tap(secret["callback_data"], 3)
    phone.say('/secret{"order_number": "77"}', 3)
    assert [shown["text"] for shown in phone.shown(3, 2)] == ["Sorry?", "Sorry?"]
    phone.say("secret", 2)
    assert phone.shown(2, 2)[1]["text"] == "The secret page."


def test_ten_times_in_parallel_and_across_restarts_is_one_effect_and_one_answer(
    phone: Phone, actions: Actions
) -> None:
    def ten_times() -> None:
        posts = [threading.Thread(target=phone.say, args=("say once", 20, 7001)) for _ in range(10)]
        for post in posts:
            post.start()
        for post in posts:
            post.join()

    ten_times()
    assert [shown["text"] for shown in phone.shown(20, 1)] == ["say once (en)"]
    for _ in range(2):
        phone.assistant.stop(signal.SIGKILL)
        phone.assistant.start()
        ten_times()
    phone.say("hello", 20)
    assert [shown["text"] for shown in phone.shown(20, 2)] == ["say once (en)", "Hello!"]
    assert actions.calls().count(["action_say", "7001"]) == 1


def test_a_voice_message_is_answered_in_the_language_of_the_conversation(phone: Phone) -> None:
    phone.speak(4, "pl")
    phone.speak(5, "en")
    phone.speak(4, "pl")
    assert [said["text"] for said in phone.shown(4, 2)] == ["Nie słyszę.", "Nie słyszę."]
    assert phone.shown(5, 1)[0]["text"] == "I cannot hear."
