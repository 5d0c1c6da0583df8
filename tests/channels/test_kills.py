"""`kill -9` while people write on six platforms; `make test-faults` does it at greater length."""

from pathlib import Path

from tests.channels import kills, voices
from tests.channels.fake_platform import Platform
from tests.channels.rig import Actions


def test_three_kills_lose_double_and_mix_up_nothing(
    tmp_path: Path, model: Path, actions: Actions
) -> None:
    with Platform(voices.ANSWER) as platform:
        assistant = kills.opened(tmp_path, model, actions, platform)
        try:
            assistant.start(kills.START_SECONDS)
            count = kills.play(assistant, [assistant], platform, people=1, kills=3, each=4)
        finally:
            assistant.stop()
    assert (count.lost, count.doubled, count.in_order) == ([], [], True)
    assert set(count.states) <= {"sent", "unknown"}
    assert count.turns == 6 * 4
