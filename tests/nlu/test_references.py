from __future__ import annotations

import pytest

from nlu.entities import CatalogueEntities
from nlu.references import KINDS
from nlu.words import choices

R, M, W, P, F = "reference", "method", "reason", "place", "profile_field"
SAID = {
    "en": [
        ("for the other one use paypal", {(R, "other"), (M, "paypal")}),
        ("cancel my last order", {(R, "latest")}),
        ("same adress as my most recent order", {(R, "same"), (R, "latest"), (F, "address")}),
        ("return everything", {(R, "all")}),
        ("the whole order please", {(R, "all")}),
        ("everything except the backpack", {(R, "all_but")}),
        ("all but the mug", {(R, "all_but")}),
        ("no, only the bookshelf", {(R, "only")}),
        ("just the lamp", {(R, "only")}),
        ("i just want to return the lamp", set()),
        ("both of them", {(R, "both"), (R, "all")}),
        ("the cheaper one", {(R, "cheaper_one")}),
        ("cancel the most expensive", {(R, "dearer_one")}),
        ("put it on my usual card", {(R, "usual"), (M, "card")}),
        ("send it home instead", {(R, "instead"), (P, "home")}),
        ("the one that hasn't shipped yet", {(R, "pending_one")}),
        ("the one which already arrived", {(R, "delivered_one")}),
        ("order it again", {(R, "again")}),
        ("on my gift card", {(M, "gift_card")}),
        ("back to my visa", {(M, "card")}),
        ("i want store credit", {(M, "gift_card")}),
        ("refund the original payment method", {(M, "original")}),
        ("refund to where I paid from", {(M, "original")}),
        ("with google pay or blik", {(M, "google_pay"), (M, "blik")}),
        ("by bank transfer", {(M, "transfer")}),
        ("I don't need it any more", {(W, "no_longer_needed")}),
        ("dont want them anymroe", {(W, "no_longer_needed")}),
        ("i changed my mind", {(W, "no_longer_needed")}),
        ("no longer needed", {(W, "no_longer_needed")}),
        ("I bought it by accident", {(W, "ordered_by_mistake")}),
        ("ordered by mistake", {(W, "ordered_by_mistake")}),
        ("found it cheaper elsewhere", {(W, "found_cheaper"), (R, "cheaper_one")}),
        ("it's taking too long", {(W, "too_slow")}),
        ("they are too small", {(W, "does_not_fit")}),
        ("it doesn't fit me", {(W, "does_not_fit")}),
        ("not what I expected", {(W, "not_as_expected")}),
        ("it arrived broken", {(W, "damaged")}),
        ("the kettle stopped working", {(W, "damaged")}),
        ("it is not damaged", set()),
        ("my code doesn't work", set()),
        ("you sent me the wrong colour", {(W, "wrong_item")}),
        ("one item is missing", {(W, "missing_item")}),
        ("the parcel is late", {(W, "late")}),
        ("my parcel got lost", {(W, "lost")}),
        ("it says delivered but i got nothing", {(W, "lost")}),
        ("i still haven't got my money back", {(W, "not_refunded")}),
        ("I forgot to enter the promo code", {(W, "forgot_code")}),
        ("send it to my home address", {(P, "home"), (F, "address")}),
        ("the address on my account", {(P, "home"), (F, "address")}),
        ("change my phone number", {(F, "phone")}),
        ("my e-mail", {(F, "email")}),
        ("not at all", set()),
        ("that's all", set()),
        ("thanks, bye", set()),
    ],
    "pl": [
        ("a ten drugi anuluj", {(R, "other")}),
        ("z innej karty", {(R, "other"), (M, "card")}),
        ("moje ostatnie zamówienie", {(R, "latest")}),
        ("na ten sam adres", {(R, "same"), (F, "address")}),
        ("chce zwrocic wszystko", {(R, "all")}),
        ("całe zamówienie", {(R, "all")}),
        ("wszystko oprócz plecaka", {(R, "all_but")}),
        ("wszystkie poza kurtką", {(R, "all_but")}),
        ("nie, tylko półkę", {(R, "only")}),
        ("obie pary", {(R, "both"), (R, "all")}),
        ("ten tańszy", {(R, "cheaper_one")}),
        ("te droższe", {(R, "dearer_one")}),
        ("jak zwykle kartą", {(R, "usual"), (M, "card")}),
        ("zamiast tego przelew", {(R, "instead"), (M, "transfer")}),
        ("to które jeszcze nie zostało wysłane", {(R, "pending_one")}),
        ("to niewysłane", {(R, "pending_one")}),
        ("to które już przyszło", {(R, "delivered_one")}),
        ("zamów jeszcze raz to samo", {(R, "again"), (R, "same")}),
        ("blikiem", {(M, "blik")}),
        ("na karte podarunkową", {(M, "gift_card")}),
        ("przelewem", {(M, "transfer")}),
        ("przez przelewy24", {(M, "przelewy24")}),
        ("p24", {(M, "przelewy24")}),
        ("paypalem", {(M, "paypal")}),
        ("tą samą metodą co płaciłem", {(M, "original"), (R, "same")}),
        ("zwrot na konto z którego płaciłam", {(M, "original")}),
        ("już tego nie potrzebuję", {(W, "no_longer_needed")}),
        ("rozmyśliłem się", {(W, "no_longer_needed")}),
        ("kupiłem przez pomyłkę", {(W, "ordered_by_mistake")}),
        ("zamowilam przez przypadek", {(W, "ordered_by_mistake")}),
        ("znalazłam taniej gdzie indziej", {(W, "found_cheaper"), (R, "cheaper_one")}),
        ("za długo to trwa", {(W, "too_slow")}),
        ("są za małe", {(W, "does_not_fit")}),
        ("nie pasuje mi", {(W, "does_not_fit")}),
        ("zły rozmiar", {(W, "does_not_fit")}),
        ("nie jest taki jak na zdjęciu", {(W, "not_as_expected")}),
        ("nie podoba mi się", {(W, "not_as_expected")}),
        ("przyszedł uszkodzony", {(W, "damaged")}),
        ("lampa nie działa", {(W, "damaged")}),
        ("czajnik jest pęknięty", {(W, "damaged")}),
        ("kod nie działa", set()),
        ("dostałem nie to co zamówiłem", {(W, "wrong_item")}),
        ("przysłaliście zły kolor", {(W, "wrong_item")}),
        ("brakuje jednej rzeczy", {(W, "missing_item")}),
        ("paczka jest spóźniona", {(W, "late")}),
        ("paczka zaginęła", {(W, "lost")}),
        ("nadal nie dostałam zwrotu pieniędzy", {(W, "not_refunded")}),
        ("zapomniałam wpisać kod rabatowy", {(W, "forgot_code")}),
        ("na mój adres domowy", {(P, "home"), (F, "address")}),
        ("wyślij do domu", {(P, "home")}),
        ("adres z konta", {(P, "home"), (F, "address")}),
        ("zmień numer telefonu", {(F, "phone")}),
        ("mój mail", {(F, "email")}),
        ("dzień dobry", set()),
    ],
    "es": [
        ("y el otro cancélalo", {(R, "other")}),
        ("con otra tarjeta", {(R, "other"), (M, "card")}),
        ("mi último pedido", {(R, "latest")}),
        ("a la misma direccion", {(R, "same"), (F, "address")}),
        ("quiero devolverlo todo", {(R, "all")}),
        ("el pedido entero", {(R, "all")}),
        ("todo menos la mochila", {(R, "all_but")}),
        ("todos excepto la taza", {(R, "all_but")}),
        ("no, solo la estantería", {(R, "only")}),
        ("ambas", {(R, "both"), (R, "all")}),
        ("los dos", {(R, "both"), (R, "all")}),
        ("el mas barato", {(R, "cheaper_one")}),
        ("la más cara", {(R, "dearer_one")}),
        ("con mi tarjeta de siempre", {(R, "usual"), (M, "card")}),
        ("en vez de eso por bizum", {(R, "instead"), (M, "bizum")}),
        ("el que aún no ha salido", {(R, "pending_one")}),
        ("el que ya llegó", {(R, "delivered_one")}),
        ("pídelo otra vez", {(R, "again")}),
        ("en una tarjeta regalo", {(M, "gift_card")}),
        ("por transferencia", {(M, "transfer")}),
        ("a mi visa", {(M, "card")}),
        ("por donde pagué", {(M, "original")}),
        ("al método de pago original", {(M, "original")}),
        ("vale de tienda", {(M, "gift_card")}),
        ("ya no lo necesito", {(W, "no_longer_needed")}),
        ("ya no las quiero", {(W, "no_longer_needed")}),
        ("he cambiado de opinión", {(W, "no_longer_needed")}),
        ("lo pedí por error", {(W, "ordered_by_mistake")}),
        ("me equivoqué al pedir", {(W, "ordered_by_mistake")}),
        ("lo encontré más barato en otra tienda", {(W, "found_cheaper"), (R, "cheaper_one")}),
        ("tarda demasiado", {(W, "too_slow")}),
        ("me quedan pequeñas", {(W, "does_not_fit")}),
        ("no me vale", {(W, "does_not_fit")}),
        ("no es lo que esperaba", {(W, "not_as_expected")}),
        ("no me gusta", {(W, "not_as_expected")}),
        ("llegó roto", {(W, "damaged")}),
        ("la lampara no funciona", {(W, "damaged")}),
        ("el código no funciona", set()),
        ("me habéis enviado otro color", {(W, "wrong_item")}),
        ("no es lo que pedí", {(W, "wrong_item")}),
        ("falta un artículo", {(W, "missing_item")}),
        ("el paquete va con retraso", {(W, "late")}),
        ("el paquete se ha perdido", {(W, "lost")}),
        ("todavía no me han devuelto el dinero", {(W, "not_refunded")}),
        ("se me olvidó poner el código de descuento", {(W, "forgot_code")}),
        ("a mi casa", {(P, "home")}),
        ("la dirección de mi cuenta", {(P, "home"), (F, "address")}),
        ("cambia mi teléfono", {(F, "phone")}),
        ("mi correo electrónico", {(F, "email")}),
        ("buenos días", set()),
    ],
}  # fmt: skip
CASES = [(language, *case) for language, cases in SAID.items() for case in cases]


@pytest.mark.parametrize(("language", "text", "wanted"), CASES)
def test_what_an_order_is_called_is_found(
    entities: CatalogueEntities, language: str, text: str, wanted: set[tuple[str, str]]
) -> None:
    found = {(f.entity, f.value) for f in entities.draft(text, language).found}
    of_orders = {each for each in found if each[0] in KINDS}
    assert wanted <= of_orders
    assert of_orders - wanted <= {(R, "other"), (F, "address")}, "what may be said besides"


@pytest.mark.parametrize(
    ("language", "text", "bare"),
    [
        ("en", "the usual card please", True),
        ("pl", "ten tańszy", True),
        ("es", "todo menos la mochila", True),
        ("en", "it arrived broken", False),
        ("pl", "zmień adres", False),
        ("en", "all", True),
    ],
)
def test_an_answer_is_told_from_a_wish(
    entities: CatalogueEntities, language: str, text: str, bare: bool
) -> None:
    draft = entities.draft(text, language)
    assert draft.is_bare(draft.words.lists["filler"]) is bare


def test_a_reference_takes_no_words_from_other_kinds(entities: CatalogueEntities) -> None:
    kinds = {f.entity for f in entities.draft("only the red backpack, the last one", "en").found}
    assert kinds == {"reference", "colour", "category", "ordinal"}


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("cancel #W6067464", ["W6067464"]),
        ("w6067464", ["w6067464"]),
        ("# W6067464 and W8367380.", ["W6067464", "W8367380"]),
        ("my order is SO-10234", ["SO-10234"]),
        ("order number 6067464", ["6067464"]),
        ("order no. 6067464, please", ["6067464"]),
        ("order#10234", ["10234"]),
        ("order ORD-2024-00123", ["ORD-2024-00123"]),
        ("order numbers 10234, 10235 and 10236", ["10234", "10235", "10236"]),
    ],
)
def test_order_numbers_of_every_shape_are_found(
    entities: CatalogueEntities, text: str, numbers: list[str]
) -> None:
    found = entities.draft(text, "en").found
    assert [f.value for f in found if f.entity == "order_number"] == numbers


@pytest.mark.parametrize(
    ("text", "person", "postcode"),
    [
        ("Hi, I'm Omar Anderson, zip 19031.", "Omar Anderson", "19031"),
        ("this is Mei Martin and my zip code is 32124", "Mei Martin", "32124"),
        ("My name's Yara Ito, zip code: 80281", "Yara Ito", "80281"),
        ("Omar Anderson, 19031", "Omar Anderson", "19031"),
        ("my name is omar anderson, postcode 19031", "omar anderson", "19031"),
    ],
)
def test_a_shopper_says_who_they_are(
    entities: CatalogueEntities, text: str, person: str, postcode: str
) -> None:
    found = {f.entity: f.value for f in entities.draft(text, "en").found}
    assert (found.get("person"), found.get("postcode")) == (person, postcode)


def test_a_pattern_stands_for_its_phrases() -> None:
    assert choices("(need|want) it (now|)", str.upper) == [
        *([["NEED"], ["WANT"]], [["IT"]], [["NOW"], []]),
    ]
