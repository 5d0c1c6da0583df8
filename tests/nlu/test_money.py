from __future__ import annotations

import pytest

from nlu.entities import CatalogueEntities
from nlu.money import digits

EUR, PLN = "EUR", "PLN"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1 299,00", 1299),
        ("1.299,00", 1299),
        ("1,299.00", 1299),
        ("199,99", 199.99),
        ("1.299", 1299),
    ],
)
def test_separators_are_read_as_people_mean_them(text: str, value: float) -> None:
    assert digits(text) == value


@pytest.mark.parametrize(
    ("language", "text", "bounds"),
    [
        ("pl", "buty do stówki", {"price_max": (10000, None)}),
        ("pl", "do dwóch stów", {"price_max": (20000, None)}),
        ("pl", "góra pół stówy", {"price_max": (5000, None)}),
        ("pl", "poniżej 1 tys. zł", {"price_max": (100000, PLN)}),
        ("pl", "kurtka do półtora tysiąca", {"price_max": (150000, None)}),
        ("pl", "w granicach 100-150", {"price_min": (10000, None), "price_max": (15000, None)}),
        ("pl", "od 50 do 80 zl", {"price_min": (5000, PLN), "price_max": (8000, PLN)}),
        ("pl", "tak ze 100", {"price_around": (10000, None)}),
        ("pl", "powyżej dwustu złotych", {"price_min": (20000, PLN)}),
        ("pl", "nie droższe niż 199,99 zł", {"price_max": (19999, PLN)}),
        ("pl", "max sto pięćdziesiąt", {"price_max": (15000, None)}),
        ("es", "max 50€", {"price_max": (5000, EUR)}),
        ("es", "entre 20 y 30 euros", {"price_min": (2000, EUR), "price_max": (3000, EUR)}),
        ("es", "menos de cien pavos", {"price_max": (10000, EUR)}),
        ("es", "como mucho treinta y cinco euros", {"price_max": (3500, EUR)}),
        ("es", "unos 50 euros", {"price_around": (5000, EUR)}),
        ("es", "a partir de mil doscientos euros", {"price_min": (120000, EUR)}),
        ("en", "under €1,299.00", {"price_max": (129900, EUR)}),
        ("en", "not more than 40 EUR", {"price_max": (4000, EUR)}),
        ("en", "nothing below 30 euros", {"price_min": (3000, EUR)}),
        ("en", "up to fifty quid", {"price_max": (5000, None)}),
        ("en", "between 20 and 30", {"price_min": (2000, None), "price_max": (3000, None)}),
        ("en", "it costs 25 euros", {"amount": (2500, EUR)}),
        ("en", "size 42 to 300 euros", {"amount": (30000, EUR)}),
        ("en", "up to 3 days", {}),
        ("en", "at least 4 stars", {}),
        ("pl", "zwrot do 30 dni", {}),
    ],
)
def test_prices_are_read_as_people_write_them(
    entities: CatalogueEntities, language: str, text: str, bounds: dict[str, tuple[int, str | None]]
) -> None:
    kinds = ("price_min", "price_max", "price_around", "amount")
    found = {f.entity: f.value for f in entities.draft(text, language).found if f.entity in kinds}
    assert found == {k: {"minor": minor, "currency": c} for k, (minor, c) in bounds.items()}
