"""Messages with several wishes, cut by the trained model."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage

from nlu.parts import MOST_PARTS, cuts, few
from nlu.text import tokenize
from nlu.words import load_words
from tests.nlu.conftest import MODEL

CASES = yaml.safe_load((Path(__file__).parent / "clauses.yml").read_text(encoding="utf-8"))
NEAR = 14  # characters that a joining word takes


@pytest.fixture(scope="module")
def agent() -> Agent:
    assert MODEL.exists(), "train the model first: make train"
    return Agent.load(str(MODEL))


def is_right(clauses: list[dict[str, Any]], said: str, mean: str) -> bool:
    """Whether the clauses begin at the marks and mean what they should."""
    pieces = said.split("|")
    starts = [len("".join(pieces[:i])) for i in range(len(pieces))]
    meant = mean.split()
    return len(clauses) == len(meant) and all(
        abs(clause["start"] - start) <= NEAR and (intent == "-" or clause["intent"] in options)
        for clause, start, intent in zip(clauses, starts, meant, strict=True)
        for options in [intent.split("/")]
    )


@pytest.mark.parametrize("language", list(CASES))
async def test_several_wishes_are_told_apart(
    agent: Agent, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = []
    for case in CASES[language]:
        message = UserMessage(case["say"].replace("|", ""), metadata={"locale": language})
        clauses = (await agent.processor.parse_message(message))["clauses"]
        if not is_right(clauses, case["say"], case["mean"]):
            wrong.append((case, clauses))
    right = 1 - len(wrong) / len(CASES[language])
    with capsys.disabled():
        print(f"\n{language}: {right:.2f} of {len(CASES[language])} messages are cut as meant")
    assert right >= 0.9, wrong


@pytest.mark.parametrize("text", ["cancel 10234", "hello", "", "/greet", "?!", "and", "\n, and"])
async def test_every_typed_text_has_a_clause(agent: Agent, text: str) -> None:
    parsed = await agent.processor.parse_message(UserMessage(text))
    clauses = parsed.get("clauses") or []
    if text and not text.startswith("/"):
        assert [(c["start"], c["end"]) for c in clauses] == [(0, len(text.strip()))]
        assert clauses[0]["intent"] == parsed["intent"]["name"]
    else:
        assert clauses == []


async def test_a_guess_gives_way_to_a_request(agent: Agent) -> None:
    text = "My cat sleeps on the piano all day long and sings. Cancel my order 10234."
    parsed = await agent.processor.parse_message(UserMessage(text))
    assert parsed["clauses"][-1]["intent"] == "cancel_order"
    assert parsed["intent"]["name"] == "cancel_order"


@pytest.mark.parametrize(
    ("language", "text", "pieces"),
    [
        ("en", "a, b and c", ["a", "b", "c"]),
        ("en", "one.two 3.50 no. 7. Five", ["one.two 3.50 no. 7", "Five"]),
        ("en", "first\n\nsecond", ["first", "second"]),
        ("en", "and also", []),
        ("pl", "to a tamto; owo - i jeszcze", ["to", "tamto", "owo"]),
        ("es", "esto y, además, lo otro", ["esto", "lo otro"]),
    ],
)
def test_a_text_may_be_cut_at_marks_and_joining_words(
    language: str, text: str, pieces: list[str]
) -> None:
    tokens = tokenize(text)
    spans = list(cuts(tokens, text, load_words()[language]))
    assert [text[tokens[s.first].start : tokens[s.last - 1].end] for s in spans] == pieces


def test_a_long_story_is_read_by_its_sentences() -> None:
    text = "I waited, and waited, and called. " * 30
    tokens = tokenize(text)
    spans = few(list(cuts(tokens, text, load_words()["en"])))
    assert len(spans) == MOST_PARTS
    assert (spans[0].first, spans[-1].last) == (0, len(tokens) - 1)
