"""What is taken out of a message before anything keeps it."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.clean import clean_data, clean_text, mask, plain

ANY = st.text(st.characters(), max_size=300)


@given(ANY)
def test_clean_text_can_be_stored_and_sent_anywhere(text: str) -> None:
    clean = clean_text(text)
    assert clean.encode("utf-8").decode("utf-8") == clean
    assert not set(clean) & {"\x00", "\u202e", "\u2066", "\u2028", "\x1b"}
    assert clean_text(clean) == clean


@given(
    st.recursive(ANY | st.none() | st.integers(), lambda x: st.lists(x) | st.dictionaries(ANY, x))
)
def test_clean_data_cleans_every_string(data: object) -> None:
    repr(clean_data(data)).encode("utf-8")


@given(st.text(st.sampled_from("/ \t\n\u00a0\u2003\u200b\u2060\u3000ab{}"), max_size=12) | ANY)
def test_typed_text_is_never_an_intent(text: str) -> None:
    """Rasa strips white space and takes what begins with a slash for an intent."""
    assert plain(clean_text(text)).strip()
    assert not plain(clean_text(text)).strip().startswith("/")


def test_words_of_a_typed_intent_stay() -> None:
    assert plain('/help {"a": 1}') == 'help {"a": 1}'


@pytest.mark.parametrize(
    "number",
    [
        "4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111", "5555.5555.5555.4444",
        "378282246310005", "3782 822463 10005", "6011000990139424", "2223003122003222",
        "4111\u00a01111\u00a01111\u00a01111", "4222222222222", "4111 - 1111 - 1111 - 1111",
    ],
)  # fmt: skip
def test_a_card_number_is_masked(number: str) -> None:
    masked = mask(f"karta {number} 12/27 123, dzięki")
    digits = "".join(c for c in number if c.isdigit())
    assert masked == f"karta •••• {digits[-4:]} 12/27 123, dzięki"


@pytest.mark.parametrize(
    "text",
    [
        "order 10234", "EAN 5901234123457", "+48 601 234 567", "520000012340082180421234",
        "4111 1111 1111 1112", "od 100 do 300 zł",
    ],
)  # fmt: skip
def test_other_numbers_stay(text: str) -> None:
    assert mask(text) == text


@given(st.text(st.sampled_from("0123456789"), min_size=15, max_size=15))
def test_every_sixteen_digits_with_a_right_check_digit_are_masked(digits: str) -> None:
    total = sum(sum(divmod(2 * int(d), 10)) for d in digits[::2]) + sum(map(int, digits[1::2]))
    number = digits + str(-total % 10)
    assert number not in mask(f"to {number}!")


@pytest.mark.parametrize("text", ["blik 123456", "mój kod BLIK to: 123 456.", "Blikiem, 123-456"])
def test_a_blik_code_is_masked(text: str) -> None:
    assert "456" not in mask(text)
    assert mask(text).lower().count("blik") == 1


@pytest.mark.parametrize("text", ["blikiem za zamówienie 102345", "zip 123456", "blik 1234567"])
def test_six_digits_that_are_no_code_stay(text: str) -> None:
    assert mask(text) == text


def test_masking_takes_no_longer_for_hostile_text() -> None:
    begun = time.process_time()
    for hostile in (
        "1 " * 8_000,
        "blik " * 3_000,
        "4" * 16_000,
        "1 -" * 5_000,
        "blik" + "a" * 16_000,
    ):
        mask(clean_text(hostile))
    assert time.process_time() - begun < 1
