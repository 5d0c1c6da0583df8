"""The trained model on messages as hurried shoppers type them: tests/messages/.

Every second message of a topic was looked at while the thresholds were chosen; the others are the
proof. Japanese has no phrases of its own: it is understood through the encoder alone.
"""

from __future__ import annotations

from collections import Counter

import pytest
import yaml
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage

from tests.nlu.conftest import MODEL, ROOT

FOLDER = ROOT / "tests" / "messages"
FOREIGN = "foreign"
FAIR = {"en": 0.85, "pl": 0.85, "es": 0.85, "ja": 0.75}


def read(name: str) -> dict[str, list[str]]:
    topics = yaml.safe_load((FOLDER / f"{name}.yml").read_text(encoding="utf-8"))
    return {t: said.splitlines() if isinstance(said, str) else said for t, said in topics.items()}


@pytest.fixture(scope="module")
def agent() -> Agent:
    assert MODEL.exists(), "train the model first: make train"
    return Agent.load(str(MODEL))


@pytest.mark.parametrize("half", [0, 1], ids=["seen", "unseen"])
@pytest.mark.parametrize("language", FAIR)
async def test_what_shoppers_type_is_understood(
    agent: Agent, language: str, half: int, capsys: pytest.CaptureFixture[str]
) -> None:
    fair_intents, count = read("topics"), Counter[str]()
    for topic, messages in read(language).items():
        for text in messages[half::2]:
            intent = (await agent.processor.parse_message(UserMessage(text)))["intent"]
            name = intent.get("full_retrieval_intent_name") or intent["name"]
            kind = FOREIGN if topic == FOREIGN else "known"
            count[kind] += 1
            count[f"{kind} right"] += name in fair_intents[topic]
            count["refused"] += topic != FOREIGN and name in fair_intents[FOREIGN]
    fair, refused = count["known right"] / count["known"], count["refused"] / count["known"]
    foreign = count["foreign right"] / count["foreign"]
    with capsys.disabled():
        told = f"{fair:.3f} fair, {refused:.3f} refused, {foreign:.3f} of the foreign recognised"
        print(f"\n{language}: {told}")
    assert fair >= FAIR[language]
    assert refused <= 0.05
    assert foreign >= 0.75


def test_every_topic_is_asked_about_in_every_language() -> None:
    for language in FAIR:
        assert read(language).keys() == read("topics").keys()
