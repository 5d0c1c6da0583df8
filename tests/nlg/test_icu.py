"""Plurals and choices after CLDR, filled with live values."""

import pytest

from nlg.icu import fill

PRODUCTS = "{n, plural, one {# produkt} few {# produkty} other {# produktów}}"


def plain(value: object, style: str = "") -> str:
    return str(value)


@pytest.mark.parametrize(
    ("n", "text"),
    [(0, "0 produktów"), (1, "1 produkt"), (2, "2 produkty"), (5, "5 produktów"),
     (12, "12 produktów"), (22, "22 produkty"), (112, "112 produktów")],
)  # fmt: skip
def test_polish_has_three_plurals(n: int, text: str) -> None:
    assert fill(PRODUCTS, {"n": n}, "pl", plain) == text


def test_an_exact_number_wins() -> None:
    text = "{n, plural, =0 {agotado} one {queda #} other {quedan #}}"
    assert [fill(text, {"n": n}, "es", plain) for n in (0, 1, 2)] == [
        "agotado",
        "queda 1",
        "quedan 2",
    ]


def test_select_takes_other_for_what_is_not_named_and_none_for_nothing() -> None:
    text = "{x, select, yes {ja} none {-} other {?}}"
    assert [fill(text, {"x": x}, "en", plain) for x in ("yes", "no", [], None)] == [
        "ja",
        "?",
        "-",
        "-",
    ]


def test_a_missing_value_is_an_error_not_half_a_sentence() -> None:
    with pytest.raises(KeyError):
        fill("Order {number}", {}, "en", plain)


def test_words_of_shoppers_are_not_templates() -> None:
    assert fill("{title}", {"title": "{evil} '#'"}, "en", plain) == "{evil} '#'"
