"""The way in: what the platform is told, and what the dialogue gets."""

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import requests
import yaml
from rasa.shared.core.events import BotUttered
from rasa.shared.core.slots import TextSlot

from channels.receive import WORDLESS, media
from channels.telegram import Telegram
from channels.turn import PHOTO
from tests.channels.fake_platform import Platform
from tests.channels.parrot import Assistant, inbox
from tests.channels.rig import ROOT

SECRET = "a-secret-of-ours"


class Telegraph:
    """The assistant and the platform, and an update posted from one to the other."""

    def __init__(self, assistant: Assistant, platform: Platform, folder: Path) -> None:
        self.assistant, self.platform, self.folder = assistant, platform, folder
        self.hook = assistant.url + "/webhooks/telegram/webhook"

    def post(self, update: int, words: str = "", person: int = 5, **more: Any) -> int:
        message = {
            "chat": {"id": person, "type": "private"},
            "from": {"id": person, "is_bot": False, "language_code": "pl"},
            "date": time.time(),
            "text": words,
            **more,
        }
        return self.raw(json.dumps({"update_id": update, "message": message}).encode())

    def raw(self, body: bytes, secret: str | None = SECRET) -> int:
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret is not None else {}
        return requests.post(self.hook, data=body, headers=headers, timeout=10).status_code

    def answers(self, count: int, chat: int = 5) -> list[dict[str, Any]]:
        def sent() -> list[dict[str, Any]]:
            calls = [heard.body for heard in self.platform.heard if "sendMessage" in heard.path]
            return [body for body in calls if body["chat_id"] == chat]

        until(lambda: len(sent()) >= count)
        return sent()


def until(true: Callable[[], bool], seconds: float = 15) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


@pytest.fixture
def telegraph(tmp_path: Path) -> Iterator[Telegraph]:
    with Platform() as platform:
        settings = {"token": "12:abc", "secret": SECRET, "database": inbox(tmp_path)}
        with Assistant(Telegram({**settings, "api": platform.url})) as assistant:
            yield Telegraph(assistant, platform, tmp_path)


def test_a_message_is_answered_on_the_platform(telegraph: Telegraph) -> None:
    assert telegraph.post(1, "hello") == 200
    (answer,) = telegraph.answers(1)
    assert answer["text"] == "You said hello"
    (heard,) = telegraph.assistant.parrot.heard
    assert (heard.sender_id, heard.message_id) == ("telegram:12:5", "1")
    assert heard.input_channel == "telegram"
    assert heard.metadata["locale"] == "pl"
    assert "sendChatAction" in "".join(call.path for call in telegraph.platform.heard)


def test_a_message_that_comes_ten_times_is_answered_once(telegraph: Telegraph) -> None:
    with ThreadPoolExecutor(10) as pool:
        taken = list(pool.map(lambda _: telegraph.post(1, "hello"), range(10)))
    assert taken == [200] * 10
    telegraph.post(2, "bye")
    answers = telegraph.answers(2)
    assert [answer["text"] for answer in answers] == ["You said hello", "You said bye"]


def test_messages_of_several_people_are_answered_in_order(telegraph: Telegraph) -> None:
    telegraph.assistant.parrot.seconds = 0.05
    for number in range(9):
        telegraph.post(number, f"{number}", person=number % 3)
    for chat in range(3):
        said = [answer["text"] for answer in telegraph.answers(3, chat)]
        assert said == [f"You said {number}" for number in range(chat, 9, 3)]


def test_a_typed_intent_is_text(telegraph: Telegraph) -> None:
    for number, typed in enumerate(['/pick1{"a": "b"}', "\u200b/restart", " / session_start"]):
        telegraph.post(number, typed)
    telegraph.answers(3)
    given = [message.text for message in telegraph.assistant.parrot.heard]
    assert given == ['pick1{"a": "b"}', "restart", "session_start"]


def test_a_choice_of_somebody_else_is_no_choice(telegraph: Telegraph) -> None:
    telegraph.post(1, "menu")
    (answer,) = telegraph.answers(1)
    chosen = answer["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    for update, chat in ((2, 6), (3, 5)):
        query = {
            "id": "q",
            "from": {"id": chat, "language_code": "pl"},
            "message": {"chat": {"id": chat, "type": "private"}},
            "data": chosen,
        }
        telegraph.raw(json.dumps({"update_id": update, "callback_query": query}).encode())
    until(lambda: len(telegraph.assistant.parrot.heard) == 3)
    assert {m.message_id: m.text for m in telegraph.assistant.parrot.heard[1:]} == {
        "2": "?",
        "3": "/pick0",
    }


def test_a_number_is_the_choice_that_was_shown_under_it(telegraph: Telegraph) -> None:
    telegraph.post(1, "menu")
    telegraph.answers(1)
    telegraph.post(2, "two")
    telegraph.answers(2)
    assert telegraph.assistant.parrot.heard[-1].text == "/pick1"


def test_the_first_tap_on_start_greets(telegraph: Telegraph) -> None:
    telegraph.post(1, "/start")
    telegraph.answers(1)
    assert telegraph.assistant.parrot.heard[0].text == "/greet"


class Said:
    """Stands where Rasa's responses stand: gives their names and the language."""

    async def generate(self, name: str, tracker: Any, channel: str) -> dict[str, Any]:
        return {"text": f"{name} {tracker.get_slot('language')}"}


WITHOUT_WORDS = {
    "photo": "utter_only_words_picture",
    "voice": "utter_only_words_voice",
    "video_note": "utter_only_words_video",
    "sticker": "utter_only_words_sticker",
    "venue": "utter_only_words_place",
    "poll": "utter_only_words",
}


def test_what_has_no_words_is_answered_without_the_dialogue(telegraph: Telegraph) -> None:
    parrot: Any = telegraph.assistant.parrot
    parrot.nlg = Said()
    parrot.domain.slots = [TextSlot("language", mappings=[{}])]
    for update, kind in enumerate(WITHOUT_WORDS):
        assert telegraph.post(update, **{kind: {}}) == 200
    answers = telegraph.answers(len(WITHOUT_WORDS))
    assert [said["text"] for said in answers] == [f"{one} pl" for one in WITHOUT_WORDS.values()]
    telegraph.post(10, photo={}, caption="like this one")
    telegraph.answers(len(WITHOUT_WORDS) + 1)
    assert [message.text for message in parrot.heard] == ["like this one"]


def test_only_a_photo_that_was_asked_for_goes_to_the_dialogue(telegraph: Telegraph) -> None:
    parrot: Any = telegraph.assistant.parrot
    parrot.nlg = Said()
    telegraph.post(1, photo=[{"file_id": "x"}])
    (answer,) = telegraph.answers(1)
    assert answer["text"].startswith("utter_only_words_picture")
    said = [BotUttered("A photo?", metadata={"utter_action": PHOTO}), BotUttered("Or not.")]

    async def retrieve(conversation: str) -> Any:
        return SimpleNamespace(events=said)

    parrot.retrieve = retrieve
    telegraph.post(2, photo=[{"file_id": "y"}])
    telegraph.answers(2)
    (heard,) = parrot.heard
    assert (heard.text, heard.metadata["attachments"]) == ("/inform", ["telegram: y"])
    assert heard.metadata["photos"]


@pytest.mark.parametrize("language", ["en", "pl", "es"])
def test_every_kind_without_words_has_an_answer(language: str) -> None:
    said = yaml.safe_load((ROOT / f"data/smalltalk/{language}.yml").read_text("utf-8"))
    answers = {media(kind) for kinds in WORDLESS.values() for kind in kinds} | {media("")}
    assert answers == {name for name in said["responses"] if name.startswith("utter_only_words")}


def test_what_is_not_signed_is_refused(telegraph: Telegraph) -> None:
    body = json.dumps({"update_id": 1, "message": {"text": "hi"}}).encode()
    assert [telegraph.raw(body, secret) for secret in (None, "", "other", SECRET + "x")] == [
        401
    ] * 4
    assert telegraph.raw(b"x" * 600_000) == 413
    assert telegraph.raw(b"{") == 400
    assert requests.get(telegraph.hook, timeout=5).status_code == 404
    assert telegraph.assistant.parrot.heard == []


@pytest.mark.parametrize(
    "odd",
    [{"chat": None}, {"text": {"a": 1}}, {"text": 7}, {"date": "x"}, {"chat": {"id": "a b"}},
     {"chat": {"id": "x" * 300, "type": "private"}}, {"from": 1}],
)  # fmt: skip
def test_an_odd_item_is_left_out_and_not_sent_again(
    telegraph: Telegraph, odd: dict[str, Any]
) -> None:
    assert telegraph.post(1, "hello", **odd) == 200
    assert telegraph.post(2, "good \ud800\u0000\u202eone") == 200
    assert [answer["text"] for answer in telegraph.answers(1)] == ["You said good one"]
    assert len(telegraph.assistant.parrot.heard) == 1


def test_what_comes_a_day_late_is_not_answered(telegraph: Telegraph) -> None:
    assert telegraph.post(1, "old", date=time.time() - 25 * 3600) == 200
    telegraph.post(2, "new")
    assert [answer["text"] for answer in telegraph.answers(1)] == ["You said new"]


def test_a_locked_inbox_asks_the_platform_to_come_again(telegraph: Telegraph) -> None:
    telegraph.post(1, "hello")
    telegraph.answers(1)
    lock = sqlite3.connect(inbox(telegraph.folder), isolation_level=None)
    lock.execute("BEGIN EXCLUSIVE")
    assert telegraph.post(2, "hello") == 503
    lock.execute("ROLLBACK")
    assert telegraph.post(2, "hello") == 200
    telegraph.answers(2)
