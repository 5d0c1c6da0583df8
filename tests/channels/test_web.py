"""The web channel on the real server: a turn, from the message to its answer."""

import json
import sqlite3
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

import pytest
import requests

from tests.channels.rig import Actions, Assistant, Browser


def test_a_message_is_answered(shopper: Browser) -> None:
    asked = shopper.say("hello")
    (answer,) = shopper.answers(asked)
    mine = shopper.history()[0]
    assert (mine["id"], mine["from"], mine["text"], mine["client_id"]) == (
        1,
        "user",
        "hello",
        asked,
    )
    assert answer["buttons"][1] == {"title": "Shop", "url": "https://shop.example/"}
    assert answer | {"ts": "", "buttons": []} == {
        "id": 2, "from": "bot", "reply_to": asked, "client_id": None, "ts": "", "lang": "en",
        "text": "Hello!", "buttons": [], "cards": [], "image": None,
    }  # fmt: skip
    assert answer["ts"].endswith("Z")


def test_cards_go_out_whole_and_without_payloads(shopper: Browser) -> None:
    (answer, _) = shopper.answers(shopper.say("order"), 2)
    (card,) = answer["cards"]
    assert (card["id"], card["title"], card["price"]) == ("storm", "Storm jacket", "129.90")
    assert card["image"] == {"src": "https://shop.example/storm.svg", "alt": "Storm jacket"}
    assert "cost" not in card
    assert set(card["buttons"][0]) == {"title", "choice"}
    assert "/secret" not in json.dumps(shopper.history())


def test_a_choice_runs_its_payload_and_shows_its_own_title(shopper: Browser) -> None:
    (answer,) = shopper.answers(shopper.say("hello"))
    chosen = answer["buttons"][0]["choice"]
    assert len(chosen) >= 16
    shopper.post({"id": "tap", "choice": chosen, "title": "Something else"})
    assert shopper.answers("tap")[0]["text"] == "The secret page."
    assert [m["text"] for m in shopper.history() if m["client_id"] == "tap"] == ["Secret"]


def test_a_choice_of_another_conversation_is_the_typed_title(
    shopper: Browser, server: Assistant
) -> None:
    (answer,) = shopper.answers(shopper.say("hello"))
    other = Browser(server)
    other.post({"id": "tap", "choice": answer["buttons"][0]["choice"], "title": "say hi"})
    assert other.answers("tap")[0]["text"] == "say hi (None)"


@pytest.mark.parametrize(
    "typed",
    [
        "/secret", '/secret{"order_number": "1"}', " /secret", "//secret", "\u2060/secret",
        "\u00a0/secret", "/ /secret", "/restart", "/session_start", "/paid{\"amount\": 1}", "/",
        "\u200b/secret@1.0", "/\u200e/secret",
    ],
)  # fmt: skip
def test_a_typed_intent_is_plain_text(shopper: Browser, typed: str) -> None:
    assert shopper.ask(typed) == "Sorry?"


def test_locale_and_currency_reach_the_dialogue(server: Assistant, actions: Actions) -> None:
    shopper = Browser(server, lang="pl-PL")
    assert shopper.ask("say a") == "say a (pl)"
    assert (
        shopper.ask("say b", lang="es", page={"url": "https://x/", "product": "p"}) == "say b (es)"
    )


def test_where_the_shopper_came_from_is_kept(server: Assistant) -> None:
    shopper = Browser(server)
    pages = ["https://x/?ref=snapchat&a=b", "https://x/?ref=" + "y" * 99, "https://[/?ref=z", "/p"]
    for number, url in enumerate(pages):
        shopper.ask(f"say {number}", page={"url": url})
    with closing(sqlite3.connect(server.talk)) as db:
        query = "SELECT data FROM events WHERE sender_id = ? ORDER BY position"
        events = [json.loads(row) for (row,) in db.execute(query, (shopper.conversation,))]
    kept = [event["metadata"].get("ref") for event in events if event["event"] == "user"]
    assert kept == ["snapchat", "y" * 64, None, None]


def test_ten_parallel_copies_are_one_turn(
    shopper: Browser, server: Assistant, actions: Actions
) -> None:
    body = {"id": "same", "text": "order"}
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: shopper.post(body).status_code, range(10)))
    assert answers == [202] * 10
    shopper.answers("same", 2)
    time.sleep(0.5)
    assert len([m for m in shopper.history() if m["reply_to"] == "same"]) == 2
    assert len([m for m in shopper.history() if m["client_id"] == "same"]) == 1
    assert actions.calls().count(["action_order", f"{shopper.conversation}.same"]) == 1


def test_a_burst_is_answered_in_order(server: Assistant, actions: Actions) -> None:
    shoppers = [Browser(server) for _ in range(4)]
    for number in range(8):
        for shopper in shoppers:
            shopper.say(f"say {number}")
    for shopper in shoppers:
        shopper.answers("c-8", seconds=30)
        said = [m["text"] for m in shopper.history() if m["from"] == "bot"]
        assert said == [f"say {number} (None)" for number in range(8)]
        assert [m["id"] for m in shopper.history()] == list(range(1, 17))


def test_a_slow_answer_does_not_hold_up_others(server: Assistant, shopper: Browser) -> None:
    shopper.say("slow")
    begun = time.monotonic()
    assert Browser(server).ask("hello") == "Hello!"
    assert time.monotonic() - begun < 1


def test_messages_are_acknowledged_before_they_are_answered(shopper: Browser) -> None:
    begun = time.monotonic()
    shopper.say("slow")
    assert time.monotonic() - begun < 0.5
    assert [m["from"] for m in shopper.history()] == ["user"]


def test_the_stream_says_all_that_happens(shopper: Browser) -> None:
    events: list[dict[str, Any]] = []
    begun = threading.Event()

    def listen() -> None:
        for event in shopper.stream():
            events.append(event)
            begun.set()
            if event.get("event") == "done" and event["data"]["reply_to"] == "c-1":
                return

    thread = threading.Thread(target=listen)
    thread.start()
    assert begun.wait(5)
    shopper.say("hello")
    thread.join(10)
    kinds = [event["event"] for event in events if event["event"] != "comment"]
    assert sorted(kinds[:2]) == ["message", "typing"]
    assert kinds[2:] == ["message", "done"]
    assert [e["id"] for e in events if e["event"] == "message"] == ["1", "2"]
    assert "retry" in events[0]
    assert events[-1]["event"] == "done"  # `iter_lines` gives it when the next bytes have come
    assert shopper.stream_headers["Content-Type"] == "text/event-stream; charset=utf-8"
    assert shopper.stream_headers["X-Accel-Buffering"] == "no"
    assert "no-transform" in shopper.stream_headers["Cache-Control"]


def test_the_stream_resumes_at_any_number(shopper: Browser) -> None:
    for number in range(5):
        shopper.ask(f"say {number}")
    whole = shopper.history()
    for cut in range(len(whole) + 1):
        seen = []
        for event in shopper.stream(after=cut):
            if event["event"] == "message":
                seen.append(event["data"])
            if event["event"] == "done":
                assert event["data"] == {"reply_to": "c-5"}
                break
        assert seen == whole[cut:]


def test_a_resumed_stream_tells_that_an_answer_is_due(shopper: Browser) -> None:
    shopper.say("slow")
    kinds = []
    for event in shopper.stream(after=1):
        kinds.append(event["event"])
        if event["event"] == "done":
            break
    assert kinds.index("typing") < kinds.index("message") < kinds.index("done")


def test_a_number_from_elsewhere_hides_nothing(shopper: Browser) -> None:
    events = shopper.stream(after=999)
    next(events)
    shopper.say("hello")
    assert [e for e in (next(events) for _ in range(6)) if e["event"] == "message"]


def test_history_is_paged(shopper: Browser) -> None:
    shopper.ask("hello")
    shopper.ask("hello")
    url = shopper.base + "/history"
    page = requests.get(url, {"after": 1, "limit": 2}, headers=shopper.headers, timeout=5).json()
    assert [message["id"] for message in page["messages"]] == [2, 3]
    assert page["last"] == 4


def test_a_turn_without_reply_is_an_honest_sentence(server: Assistant, actions: Actions) -> None:
    shopper = Browser(server, lang="pl")
    assert shopper.ask("nothing") == "Coś nie działa. Nic nie zmieniono."
    assert shopper.ask("loop") == "Coś nie działa. Nic nie zmieniono."
    assert shopper.ask("hello") == "Hello!"


@pytest.mark.parametrize("mode", ["500", "html", "nonsense"])
def test_a_broken_action_server_is_an_honest_sentence(
    shopper: Browser, actions: Actions, mode: str
) -> None:
    actions.mode(mode)
    texts = [m["text"] for m in shopper.answers(shopper.say("order"))]
    actions.mode("ok")
    assert texts == ["Something does not work. Nothing was changed."]
    assert shopper.ask("say again") == "say again (en)"
