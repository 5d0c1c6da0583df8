from __future__ import annotations

import pytest

from shop.text import fold, key, stem, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("ŻÓŁTA", "zolta"),
        ("Niño", "nino"),
        ("Łódź", "lodz"),
        ("Straße", "strasse"),
        ("café", "cafe"),
    ],
)
def test_diacritics_and_case_are_folded(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_postcodes_and_names_compare_by_letters_and_digits() -> None:
    assert key("00-238") == key("00 238") == "00238"
    assert key("O’Brien") == key("o'brien")


@pytest.mark.parametrize(
    ("language", "forms"),
    [
        ("pl", ["kurtka", "kurtki", "kurtkę", "kurtek"]),
        ("pl", ["but", "buty", "butów", "butow"]),
        ("pl", ["rękawiczki", "rękawiczek", "rękawiczka"]),
        ("es", ["bota", "botas"]),
        ("es", ["rojo", "rojas", "rojos"]),
        ("en", ["jacket", "jackets"]),
        ("ja", ["靴"]),
    ],
)
def test_forms_of_a_word_have_one_stem(language: str, forms: list[str]) -> None:
    assert len({stem(form, language) for form in forms}) == 1


def test_half_sizes_are_one_number() -> None:
    assert list(words("buty 42,5 i 43")) == ["buty", "42.5", "i", "43"]
