from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from rasa.shared.nlu.training_data.message import Message

from nlu import BARE_VALUES
from nlu.entities import CatalogueEntities
from nlu.vocabulary import VocabularyFile
from nlu.words import load_words

TWO_PAIRS = {"quantity": 2, "number": "2", "colour": "black", "category": "footwear"}
SAID = [
    ("pl", "w czerwonym kolorze", {"colour": "red"}),
    ("pl", "czerwonych butow trekkingowych", {"colour": "red", "category": "hiking-boots"}),
    ("pl", "dwie pary czarnych butów", TWO_PAIRS),
    ("pl", "rekawiczki welniane", {"category": "gloves", "material": "wool"}),
    ("es", "chaquetas rojas", {"category": "jackets", "colour": "red"}),
    ("es", "mochila negra", {"category": "backpacks", "colour": "black"}),
    ("en", "black backpakc", {"colour": "black", "category": "backpacks"}),
    ("pl", "czarny pleack", {"colour": "black", "category": "backpacks"}),
    ("es", "mochlia azul", {"category": "backpacks", "colour": "blue"}),
    ("en", "a leather belt", {"category": "belts", "material": "leather"}),
    ("en", "42", {"size": "42", "number": "42"}),
    ("pl", "42,5", {"size": "42.5", "number": "42,5"}),
    ("en", "W32/L32", {"size": "W32/L32"}),
    ("pl", "koc 150x200", {"category": "blankets", "size": "150x200"}),
    ("es", "talla 128 cm", {"size": "128 cm"}),
    ("en", "in xl please", {"size": "XL"}),
    ("pl", "eska", {"size": "S"}),
    ("en", "order 10234", {"order_number": "10234", "number": "10234"}),
    ("pl", "nr HL-55120", {"order_number": "HL-55120"}),
    ("en", "anna.kelly@example.com", {"email": "anna.kelly@example.com"}),
    ("pl", "anna małpa wp kropka pl", {"email": "anna@wp.pl"}),
    ("es", "juan punto perez arroba gmail punto com", {"email": "juan.perez@gmail.com"}),
    ("pl", "+48 600 100 200", {"phone": "+48600100200"}),
    ("es", "612 34 56 78", {"phone": "612345678"}),
    ("pl", "00-238 Warszawa", {"postcode": "00-238"}),
    ("es", "28013 Madrid", {"postcode": "28013", "number": "28013"}),
    ("es", "28013", {"order_number": "28013", "number": "28013"}),
    ("en", "for my wife", {"person": "wife", "audience": "women"}),
    ("pl", "nazywam się Anna Kowalska", {"person": "Anna Kowalska"}),
    ("en", "the second one", {"ordinal": 2}),
    ("pl", "ten ostatni", {"ordinal": -1}),
    ("es", "el más barato", {"sort": "cheapest", "reference": "cheaper_one"}),
    ("en", "best rated first", {"sort": "best_rated"}),
    ("pl", "tańsze", {"cheaper": True, "reference": "cheaper_one"}),
    ("es", "en oferta", {"on_sale": True}),
    ("en", "in stock", {"in_stock": True}),
    ("en", "use the code SUMMER10", {"code": "SUMMER10"}),
    ("pl", "kod pocztowy 00-950", {"postcode": "00-950"}),
    ("en", "my code doesn't work", {}),
    ("pl", "dzień dobry", {}),
]
FILE = Path(__file__).with_name("entities.yml")
TYPED = [
    (language, text, values)
    for language, said in yaml.safe_load(FILE.read_text(encoding="utf-8")).items()
    for text, values in said.items()
]


def found(entities: CatalogueEntities, text: str, language: str) -> dict[str, Any]:
    return {each.entity: each.value for each in entities.draft(text, language).found}


@pytest.mark.parametrize(("language", "text", "values"), SAID)
def test_what_is_said_is_found(
    entities: CatalogueEntities, language: str, text: str, values: dict[str, Any]
) -> None:
    assert found(entities, text, language) == values


@pytest.mark.parametrize(("language", "text", "values"), TYPED)
def test_what_matters_in_typed_messages_is_found(
    entities: CatalogueEntities, language: str, text: str, values: dict[str, Any]
) -> None:
    said = {kind: plain(value) for kind, value in found(entities, text, language).items()}
    assert {kind: said.get(kind) for kind in values} == values


def plain(value: Any) -> Any:
    return [value["minor"], value["currency"]] if isinstance(value, dict) else value


@pytest.mark.parametrize(
    ("language", "text", "denied"),
    [
        ("pl", "kurtka bez kaptura", {"hood"}),
        ("en", "a jacket without a hood, not red", {"hood", "red"}),
        ("es", "chaqueta sin capucha", {"hood"}),
        ("en", "no, in red", set()),
        ("pl", "beżowa kurtka z kapturem", set()),
    ],
)
def test_what_is_not_wanted_has_the_role_not(
    entities: CatalogueEntities, language: str, text: str, denied: set[str]
) -> None:
    message = Message({"text": text, "language": language})
    entities.process([message])
    assert {e["value"] for e in message.get("entities") if e.get("role") == "not"} == denied


def test_an_entity_stands_where_it_is_said(entities: CatalogueEntities) -> None:
    text = "szukam czerwonych butów do 300 zł"
    message = Message({"text": text, "language": "pl"})
    entities.process([message])
    said = {e["entity"]: text[e["start"] : e["end"]] for e in message.get("entities")}
    assert said == {"colour": "czerwonych", "category": "butów", "price_max": "300 zł"}


@pytest.mark.parametrize(
    ("language", "text", "bare"),
    [
        ("en", "size L please", True),
        ("pl", "nie, M", True),
        ("es", "para mi madre", True),
        ("en", "where is my order 10234", False),
        ("en", "please", False),
    ],
)
def test_values_alone_are_told_from_wishes(
    entities: CatalogueEntities, language: str, text: str, bare: bool
) -> None:
    message = Message({"text": text, "language": language})
    entities.process([message])
    assert message.get(BARE_VALUES) is bare


def test_a_product_is_found_by_its_name(entities: CatalogueEntities) -> None:
    products = json.loads((Path(__file__).parent / "vocabulary.json").read_text())["products"]
    missed = [
        name
        for product, names in products.items()
        for language, name in names.items()
        if found(entities, f"? {name}", language).get("product") != product
    ]
    assert missed == []


def test_the_vocabulary_is_read_again_when_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "vocabulary.json"
    vocabulary = VocabularyFile(file, load_words(), lambda word: False)
    assert not vocabulary.current().measures
    for stamp, size in ((1, "42"), (2, "43")):
        file.write_text(json.dumps({"version": 1, "facets": {"size": {size: {}}}}))
        os.utime(file, (stamp, stamp))
        assert list(vocabulary.current().measures) == [size]
    file.write_text("{")
    os.utime(file, (3, 3))
    assert list(vocabulary.current().measures) == ["43"], "a broken file leaves the last one"


@settings(deadline=None, max_examples=200)
@given(text=st.text(max_size=300))
def test_no_text_is_too_strange(entities: CatalogueEntities, text: str) -> None:
    for each in entities.draft(text, "pl").found:
        assert 0 <= each.start < each.end <= len(text)


@pytest.mark.parametrize("piece", ["9 ", "czarny but ", "a@", "1-2-", "x", "kropka at "])
def test_a_long_text_takes_no_long_time(entities: CatalogueEntities, piece: str) -> None:
    entities.draft(piece, "pl")
    start = time.process_time()
    entities.draft((piece * 2000)[:2000], "pl")
    assert time.process_time() - start < 0.5
