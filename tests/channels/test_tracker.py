"""The store of conversations."""

import asyncio
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from rasa.core.tracker_store import check_if_tracker_store_async
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    BotUttered,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

from channels import fold as folding
from channels.tracker import Conflict, ConversationStore
from tests.channels.rig import HERE

DOMAIN = Domain.load(str(HERE / "project/domain.yml"))


@pytest.fixture
def store(tmp_path: Path) -> ConversationStore:
    return open_store(tmp_path)


def open_store(folder: Path) -> ConversationStore:
    return ConversationStore(DOMAIN, f"sqlite:///{folder}/talk.db")


def run(call: Any) -> Any:
    return asyncio.run(call)


def turn(text: str = "hi") -> list[Event]:
    said = UserUttered(text, {"name": "hello"}, message_id=text)
    return [
        said,
        ActionExecuted("utter_hello"),
        BotUttered("Hello!"),
        ActionExecuted("action_listen"),
    ]


def add(store: ConversationStore, sender: str, events: list[Event]) -> DialogueStateTracker:
    tracker = run(store.get_or_create_tracker(sender))
    for event in events:
        tracker.update(event, DOMAIN)
    run(store.save(tracker))
    return tracker


def test_a_conversation_is_read_as_it_was_saved(store: ConversationStore, tmp_path: Path) -> None:
    first = add(store, "web:a", [*turn(), SlotSet("street", "Długa 5")])
    store = open_store(tmp_path)
    second = add(store, "web:a", turn("again"))
    read = run(store.retrieve("web:a"))
    assert list(read.events) == list(second.events)
    assert len(read.events) == len(first.events) + 4
    assert read.get_slot("street") == "Długa 5"
    assert run(store.retrieve("web:b")) is None
    assert run(store.keys()) == ["web:a"]


def test_rasa_takes_it_for_an_asynchronous_store(store: ConversationStore) -> None:
    assert check_if_tracker_store_async(store)


def test_a_conversation_is_held_for_its_next_turn(store: ConversationStore) -> None:
    add(store, "web:a", turn())
    held = run(store.retrieve("web:a"))
    assert held.events[1] is not run(store.retrieve("web:a")).events[1]  # held once, then read
    run(store.save(held))
    run(store.delete("web:a"))
    assert run(store.retrieve("web:a")) is None


def test_a_held_conversation_gives_way_to_what_another_process_wrote(
    store: ConversationStore, tmp_path: Path
) -> None:
    add(store, "web:a", turn())
    add(open_store(tmp_path), "web:a", turn("elsewhere"))
    read = run(store.retrieve("web:a"))
    assert [e.text for e in read.events if isinstance(e, UserUttered)] == ["hi", "elsewhere"]


def test_saving_twice_stores_an_event_once(store: ConversationStore) -> None:
    tracker = add(store, "web:a", turn())
    run(store.save(tracker))
    assert len(run(store.retrieve("web:a")).events) == len(tracker.events)


def test_two_writers_do_not_overwrite_each_other(store: ConversationStore) -> None:
    add(store, "web:a", turn())
    one, two = run(store.retrieve("web:a")), run(store.retrieve("web:a"))
    one.update(UserUttered("one"), DOMAIN)
    two.update(UserUttered("two"), DOMAIN)
    run(store.save(one))
    with pytest.raises(Conflict):
        run(store.save(two))


def test_the_first_conversations_may_come_at_once(tmp_path: Path) -> None:
    async def first(store: ConversationStore) -> list[Any]:
        return await asyncio.gather(*(store.get_or_create_tracker(f"web:{n}") for n in range(8)))

    for number in range(5):
        folder = tmp_path / str(number)
        assert len(run(first(open_store(folder)))) == 8


def test_an_empty_tracker_does_not_replace_a_conversation(store: ConversationStore) -> None:
    add(store, "web:a", turn())
    empty = DialogueStateTracker("web:a", DOMAIN.slots)
    empty.update(UserUttered("who am I"))
    with pytest.raises(Conflict):
        run(store.save(empty))


def test_only_the_last_session_is_read(store: ConversationStore) -> None:
    add(store, "web:a", turn("old"))
    add(store, "web:a", [ActionExecuted("action_session_start"), SessionStarted(), *turn("new")])
    texts = [e.text for e in run(store.retrieve("web:a")).events if isinstance(e, UserUttered)]
    assert texts == ["new"]
    whole = run(store.retrieve_full_tracker("web:a"))
    assert [e.text for e in whole.events if isinstance(e, UserUttered)] == ["old", "new"]


@pytest.mark.parametrize("sender", ["a\x00b", "a\ud800b", "ü" * 300, "x" * 10_000, "a b"])
def test_any_sender_can_be_stored(store: ConversationStore, sender: str) -> None:
    add(store, sender, turn("mine"))
    assert run(store.retrieve(sender)).sender_id == sender
    assert run(store.retrieve(sender + "!")) is None


def test_text_that_no_database_takes_does_not_end_the_process(
    store: ConversationStore, tmp_path: Path
) -> None:
    add(store, "web:a", turn("NUL \x00 and half a pair \ud83d"))
    read = run(open_store(tmp_path).retrieve("web:a"))
    assert read.events[1].text == "NUL \x00 and half a pair ?"


@pytest.mark.parametrize("data", ["{", '{"event": "unheard_of"}', '{"event": 1}', "[]", "{}"])
def test_a_corrupt_row_is_set_aside(store: ConversationStore, tmp_path: Path, data: str) -> None:
    add(store, "web:a", turn())
    db = sqlite3.connect(tmp_path / "talk.db")
    with db:
        db.execute("UPDATE events SET data = ? WHERE position = 3", (data,))
    store = open_store(tmp_path)
    assert len(run(store.retrieve("web:a")).events) == 4
    add(store, "web:a", turn("on"))
    assert len(run(store.retrieve("web:a")).events) == 8
    assert db.execute("SELECT position, data FROM unreadable_events").fetchall() == [(3, data)]


def test_a_conversation_of_corrupt_rows_begins_anew(
    store: ConversationStore, tmp_path: Path
) -> None:
    add(store, "web:a", turn())
    db = sqlite3.connect(tmp_path / "talk.db")
    with db:
        db.execute("UPDATE events SET data = 'x'")
    store = open_store(tmp_path)
    add(store, "web:a", turn("anew"))
    assert len(run(store.retrieve("web:a")).events) == 5


def test_a_locked_database_raises_soon(store: ConversationStore, tmp_path: Path) -> None:
    add(store, "web:a", turn())
    other = sqlite3.connect(tmp_path / "talk.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    tracker = run(store.retrieve("web:a"))
    tracker.update(UserUttered("lost?"))
    begun = time.monotonic()
    with pytest.raises(sa.exc.OperationalError):
        run(store.save(tracker))
    assert time.monotonic() - begun < 3
    other.execute("ROLLBACK")
    run(store.save(tracker))
    assert run(store.retrieve("web:a")).events[-1].text == "lost?"


def test_errors_do_not_carry_the_words(store: ConversationStore, tmp_path: Path) -> None:
    add(store, "web:a", turn())
    one, two = run(store.retrieve("web:a")), run(store.retrieve("web:a"))
    for tracker in (one, two):
        tracker.update(UserUttered("xylophone"))
    run(store.save(one))
    with pytest.raises(Conflict) as conflict:
        run(store.save(two))
    assert "xylophone" not in str(conflict.value.__cause__)


def test_deleting_leaves_no_word_in_the_files(store: ConversationStore, tmp_path: Path) -> None:
    add(store, "web:a", turn("xylophone"))
    add(store, "web:b", turn("other"))
    run(store.delete("web:a"))
    assert run(store.retrieve("web:a")) is None
    assert run(store.retrieve("web:b"))
    for file in tmp_path.iterdir():
        assert b"xylophone" not in file.read_bytes()


def test_a_long_conversation_is_read_as_fast_as_a_short_one(store: ConversationStore) -> None:
    """Slots and the open form survive; only old words are not read again."""
    add(store, "web:a", [SessionStarted(), SlotSet("language", "pl"), ActiveLoop("street_form")])
    for first in range(0, 1_000, 10):
        add(store, "web:a", [event for n in range(first, first + 10) for event in turn(str(n))])
    begun = time.perf_counter()
    read = run(store.retrieve("web:a"))
    assert time.perf_counter() - begun < 0.1
    assert folding.TAIL <= len(read.events) <= folding.FOLD_AT + 50
    assert read.get_slot("language") == "pl"
    assert read.active_loop_name == "street_form"
    assert [e.text for e in read.events if isinstance(e, UserUttered)][-2:] == ["998", "999"]
    assert read.latest_action_name == "action_listen"
    whole = run(store.retrieve_full_tracker("web:a"))
    assert sum(isinstance(e, UserUttered) for e in whole.events) == 1_000


def test_a_folded_conversation_has_the_state_of_the_whole(store: ConversationStore) -> None:
    for number in range(120):
        extra: list[Event] = [SlotSet("street", f"street {number}")] if number % 7 == 0 else []
        add(store, "web:a", [*turn(str(number)), *extra])
    folded, whole = run(store.retrieve("web:a")), run(store.retrieve_full_tracker("web:a"))
    assert len(folded.events) < len(whole.events)
    assert folded.current_slot_values() == whole.current_slot_values()
    assert list(folded.events)[-100:] == list(whole.events)[-100:]


def test_restart_and_new_session_drop_the_fold(store: ConversationStore) -> None:
    for number in range(100):
        add(store, "web:a", [*turn(str(number)), SlotSet("street", "old")])
    add(store, "web:a", [Restarted()])
    assert run(store.retrieve("web:a")).get_slot("street") is None
    add(store, "web:a", [SessionStarted(), *turn("new")])
    assert len(run(store.retrieve("web:a")).events) == 5


def test_one_endless_turn_is_not_cut(store: ConversationStore) -> None:
    events: list[Event] = [UserUttered("go"), *[ActionExecuted("action_say")] * 400]
    add(store, "web:a", events)
    for _ in range(2):
        read = run(store.retrieve("web:a"))
        assert sum(e == ActionExecuted("action_say") for e in read.events) == 400


def test_a_store_without_address_is_refused() -> None:
    with pytest.raises(ValueError, match="url"):
        ConversationStore(DOMAIN)
