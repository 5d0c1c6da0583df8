"""The trained model on phrases that were written apart from those it learnt from."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator

import pytest
import yaml
from rasa.core.agent import Agent
from rasa.core.channels.channel import UserMessage

from nlu.entities import CatalogueEntities
from tests.nlu.conftest import MODEL, ROOT

NOTE = re.compile(r"\[([^\]]*)\](?:\((\w+)\)|(\{[^}]*\}))")
LANGUAGES = ("en", "pl", "es")
ANNOTATED = (
    *("search_product", "refine_search", "inform", "ask_stock", "add_to_cart", "change_cart"),
    *("view_product", "apply_code", "track_order"),
)
KINDS = (
    *("category", "colour", "size", "brand", "material", "price_max", "price_min", "quantity"),
    *("order_number", "email", "phone", "postcode", "person", "ordinal", "code"),
)
Span = tuple[str, int, int]


def phrases(language: str) -> Iterator[tuple[str, str, list[Span]]]:
    file = ROOT / "tests" / "phrases" / f"{language}.yml"
    for item in yaml.safe_load(file.read_text(encoding="utf-8"))["nlu"]:
        for line in item["examples"].splitlines():
            if line.strip():
                yield item["intent"], *read(line.strip()[2:].strip())


def read(line: str) -> tuple[str, list[Span]]:
    text, spans, last = "", [], 0
    for note in NOTE.finditer(line):
        text += line[last : note.start()]
        entity = note[2] or json.loads(note[3])["entity"]
        spans.append((entity, len(text), len(text) + len(note[1])))
        text, last = text + note[1], note.end()
    return text + line[last:], spans


@pytest.fixture(scope="module")
def agent() -> Agent:
    assert MODEL.exists(), "train the model first: make train"
    return Agent.load(str(MODEL))


@pytest.mark.parametrize("language", LANGUAGES)
async def test_independent_phrases_are_understood(
    agent: Agent, language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    right, refused, count = 0, 0, 0
    for label, text, _ in phrases(language):
        message = UserMessage(text, metadata={"locale": language})
        intent = (await agent.processor.parse_message(message))["intent"]
        right += label == (intent.get("full_retrieval_intent_name") or intent["name"])
        refused += label != "out_of_scope" and intent["name"] in ("nlu_fallback", "out_of_scope")
        count += 1
    with capsys.disabled():
        print(f"\n{language}: intents {right / count:.3f} right, {refused / count:.3f} refused")
    assert right / count >= 0.92
    assert refused / count <= 0.05


def test_entities_of_independent_phrases_are_found(
    entities: CatalogueEntities, capsys: pytest.CaptureFixture[str]
) -> None:
    hits: Counter[str] = Counter()
    misses: Counter[str] = Counter()
    for language in LANGUAGES:
        for label, text, spans in phrases(language):
            if label in ANNOTATED:
                compare(entities, text, language, list(spans), hits, misses)
    scores = {kind: 2 * hits[kind] / (2 * hits[kind] + misses[kind]) for kind in KINDS}
    with capsys.disabled():
        print("\nentities, F1:", {kind: round(score, 2) for kind, score in scores.items()})
    assert {kind: score for kind, score in scores.items() if score < 0.9} == {}


def compare(
    entities: CatalogueEntities,
    text: str,
    language: str,
    expected: list[Span],
    hits: Counter[str],
    misses: Counter[str],
) -> None:
    """Counts an entity as found where one of its kind overlaps it."""
    for found in entities.draft(text, language).found:
        if found.entity not in KINDS:
            continue
        same = [
            span
            for span in expected
            if span[0] == found.entity and span[1] < found.end and found.start < span[2]
        ]
        if same:
            expected.remove(same[0])
        (hits if same else misses)[found.entity] += 1
    misses.update(kind for kind, *_ in expected)
