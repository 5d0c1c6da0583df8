"""`kill -9` at length: `make test-faults`. On the tests' own small model; counted by the platforms.

Six platforms, of which LINE alone knows a push that comes again; on the others a letter goes at
most once.
"""

from pathlib import Path

from tests.channels import kills, voices
from tests.channels.fake_platform import Platform
from tests.channels.kills import Count
from tests.channels.rig import Actions, Gateway


def judged(title: str, count: Count, messages: int) -> None:
    states = ", ".join(f"{number} {state}" for state, number in sorted(count.states.items()))
    print(f"\n{title}: {messages} messages, {count.turns} turns; letters: {states}")
    print(f"lost {count.lost}, doubled {count.doubled}, in order: {count.in_order}")
    assert (count.lost, count.doubled, count.in_order) == ([], [], True)
    assert count.turns == messages
    assert set(count.states) <= {"sent", "unknown"}


def test_the_assistant_killed_twenty_times(tmp_path: Path, model: Path, actions: Actions) -> None:
    """504 messages of 24 people, one process, one SQLite file."""
    with Platform(voices.ANSWER) as platform:
        assistant = kills.opened(tmp_path, model, actions, platform)
        try:
            assistant.start(kills.START_SECONDS)
            count = kills.play(assistant, [assistant], platform, people=4, kills=20, each=21)
        finally:
            assistant.stop()
    judged("SQLite, 20 kills", count, 504)


def test_assistant_and_gateway_killed_in_turn(
    tmp_path: Path, model: Path, actions: Actions, database: str
) -> None:
    """96 messages of 12 people, two processes, one PostgreSQL database."""
    with Platform(voices.ANSWER) as platform:
        assistant = kills.opened(tmp_path, model, actions, platform, database)
        assistant.env = {"CHANNELS_GATEWAY": "yes"}
        beside = Gateway(tmp_path)
        try:
            for process in (assistant, beside):
                process.start(kills.START_SECONDS)
            victims = [assistant, beside]
            count = kills.play(assistant, victims, platform, people=2, kills=6, each=8)
        finally:
            assistant.stop()
            beside.stop()
    judged("PostgreSQL and gateway, 6 kills", count, 96)
