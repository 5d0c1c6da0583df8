from __future__ import annotations

import pytest

from shop.commerce.search.amounts import bounds
from shop.model import Money


@pytest.mark.parametrize(
    ("text", "least", "most"),
    [
        ("boots between 100 and 160 euros", Money(10000, "EUR"), Money(16000, "EUR")),
        ("sweter od 350 do 450 zł", Money(35000, "PLN"), Money(45000, "PLN")),
        ("mallas entre 30 y 49,90 euros", Money(3000, "EUR"), Money(4990, "EUR")),
        ("plecak poniżej 150 złotych", None, Money(15000, "PLN")),
        ("gorra por menos de 20 €", None, Money(2000, "EUR")),
        ("botas de más de 150 euros", Money(15000, "EUR"), None),
        ("tent for 2 under 250", None, None),
        ("buty do biegania 42", None, None),
    ],
)
def test_a_bound_needs_a_word_and_a_currency(
    text: str, least: Money | None, most: Money | None
) -> None:
    assert bounds(text) == (least, most)
