"""Amounts of money and bounds of price, as people write them."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from nlu.text import Token
from nlu.words import Match

SIDES = (("price_min", "over", "over_after"), ("price_max", "under", "under_after"))
CENTS = re.compile(r"\d\d")
LEAST_BARE_PRICE = 10.0  # a bound without a currency is a price from here on


@dataclass(frozen=True)
class Amount:
    """A number from token `first` to `last` (exclusive). `currency` is "" for money that names
    none of ours, None where no money was named."""

    value: float
    currency: str | None
    first: int
    last: int
    is_slang: bool = False

    @property
    def is_money(self) -> bool:
        return self.currency is not None or self.is_slang


@dataclass(frozen=True)
class Bound:
    """`entity` is price_max, price_min, price_around or amount."""

    entity: str
    amount: Amount
    currency: str | None
    said_by: Match | None = None  # the word for the bound

    @property
    def value(self) -> dict[str, int | str | None]:
        return {"minor": round(self.amount.value * 100), "currency": self.currency or None}


class Reading:
    """The tokens of a message with what the word lists say about them."""

    def __init__(self, tokens: list[Token], matches: list[Match]) -> None:
        self.tokens = tokens
        self._from: dict[tuple[str, int], Match] = {}
        self._to: dict[tuple[str, int], Match] = {}
        for match in sorted(matches, key=lambda m: m.length):
            self._from[match.label, match.first] = match
            self._to[match.label, match.last] = match

    def at(self, label: str, first: int) -> Match | None:
        """The longest phrase of this kind that begins at a token."""
        return self._from.get((label, first))

    def before(self, label: str, first: int) -> Match | None:
        """The longest phrase of this kind that ends before a token, or before one small word."""
        found = self._to.get((label, first))
        if found is None and ("copulas", first) in self._to:
            found = self._to.get((label, first - 1))
        return found

    def ends(self, label: str, last: int) -> bool:
        """Whether a phrase of this kind ends right before a token."""
        return (label, last) in self._to

    def numbers(self) -> Iterator[Amount]:
        """Every number, in digits or words, with its currency if it has one."""
        i = 0
        while i < len(self.tokens):
            amount = self._amount(i)
            if amount:
                yield amount
            i = amount.last if amount else i + 1

    def _amount(self, first: int) -> Amount | None:
        sign = None if self.at("size_words", first) else self.at("currencies", first)  # "eu 43"
        number = self._number(sign.last if sign else first)
        if number is None:
            return None
        value, last, is_slang = number
        after = self.at("currencies", last)
        if after and not sign:
            return Amount(value, after.value, first, after.last, is_slang)
        return Amount(value, sign.value if sign else None, first, last, is_slang)

    def _number(self, i: int) -> tuple[float, int, bool] | None:
        """A number with what is added to it: "42 and a half", Spanish "40 con 50" for 40.50."""
        whole = self._whole(i)
        if whole is None:
            return None
        value, last, is_slang = whole
        if half := self.at("halves", last):
            return value + 0.5, half.last, is_slang
        cents = self.tokens[last + 1 : last + 2] if self.at("cents_joints", last) else []
        if cents and CENTS.fullmatch(cents[0].text) and not self.before("size_words", i):
            return value + int(cents[0].text) / 100, last + 2, True
        return whole

    def _whole(self, i: int) -> tuple[float, int, bool] | None:
        total, current, start, is_slang = 0.0, None, i, False
        while i < len(self.tokens):
            if part := self.at("slang_amounts", i):
                current = (1 if current is None else current) * part.value
                is_slang = True
            elif part := self.at("multipliers", i):
                if current is None and self.tokens[i].text in ("k", "tys"):
                    break
                current = (1 if current is None else current) * part.value
                if part.value >= 1000:
                    total, current = total + current, 0.0
            elif (part := self.at("numbers", i)) or (part := self.at("fractions", i)):
                if current is not None and not _adds(current, part.value):
                    break
                current = (current or 0) + part.value
            elif self.tokens[i].is_number and i == start:
                current, part = digits(self.tokens[i].text), None
            elif self.at("number_joints", i) and i > start and self._adds_after(i, current):
                part = None
            else:
                break
            i = part.last if part else i + 1
        return None if i == start else (total + (current or 0), i, is_slang)

    def _adds_after(self, joint: int, current: float | None) -> bool:
        part = self.at("numbers", joint + 1)
        return (
            part is not None
            and not self.tokens[joint - 1].is_number
            and _adds(current or 0, part.value)
        )


def _adds(current: float, value: float) -> bool:
    """Whether a number word continues the number before it: "fifty five", not "two three"."""
    return (
        current == 0
        or (value < 10 <= current % 100 and current % 10 == 0)
        or (value < 100 <= current and current % 100 == 0)
    )


def digits(text: str) -> float:
    plain = re.sub(r"[ \u00a0]", "", text)
    grouped = re.fullmatch(r"(\d{1,3}(?:[.,]\d{3})+)(?:[.,](\d{1,2}))?", plain)
    if grouped is None:
        return float(plain.replace(",", "."))
    whole = re.sub(r"[.,]", "", grouped[1])
    return float(f"{whole}.{grouped[2] or 0}")


def prices(reading: Reading, numbers: list[Amount], free: Mapping[int, bool]) -> list[Bound]:
    """The bounds among the numbers; `free` tells for each token whether a price may take it."""
    found: list[Bound] = []
    i = 0
    while i < len(numbers):
        amount = numbers[i]
        following = numbers[i + 1] if i + 1 < len(numbers) else None
        if not free[amount.last - 1]:
            i += 1
        elif following and free[following.last - 1] and _is_range(reading, amount, following):
            currency = following.currency if following.currency is not None else amount.currency
            low = _thousands(amount, following)
            found += [Bound("price_min", low, currency), Bound("price_max", following, currency)]
            i += 2
        else:
            bound = _bound(reading, amount)
            if bound:
                found.append(bound)
            i += 1
    return found


def _thousands(low: Amount, high: Amount) -> Amount:
    """In "1-2 tys. zł" the word for thousand belongs to both."""
    if low.value * 100 < high.value and high.value >= 1000 and low.value < 10:
        return Amount(low.value * 1000, low.currency, low.first, low.last)
    return low


def _is_range(reading: Reading, low: Amount, high: Amount) -> bool:
    joint = reading.at("joints", low.last)
    if joint is None or joint.last != high.first or _is_measured(reading, high):
        return False
    if low.value >= high.value or reading.before("size_words", low.first):
        return False
    is_money = low.is_money or high.is_money
    opened = reading.before("between", low.first) or reading.before("around", low.first)
    if opened:
        return is_money or low.value >= LEAST_BARE_PRICE
    dash = reading.tokens[joint.first].text in "-–"
    return is_money or (dash and low.value >= 50)


def _is_measured(reading: Reading, amount: Amount) -> bool:
    return not amount.is_money and (
        reading.at("measures", amount.last) is not None
        or reading.at("pieces", amount.last) is not None
        or reading.before("size_words", amount.first) is not None
    )


def _bound(reading: Reading, amount: Amount) -> Bound | None:
    if _is_measured(reading, amount):
        return None
    if _is_price(amount):
        said = [
            (word, entity)
            for entity, before, after in SIDES
            if (word := reading.before(before, amount.first) or _said_after(reading, after, amount))
        ]
        if said:  # "not more than" is longer than "more than"
            word, entity = max(said, key=lambda each: each[0].length)
            return Bound(entity, amount, amount.currency, word)
    around = reading.before("around", amount.first)
    if amount.is_money or (around and amount.value >= 2 * LEAST_BARE_PRICE):
        return Bound("price_around" if around else "amount", amount, amount.currency, around)
    return None


def _said_after(reading: Reading, label: str, amount: Amount) -> Match | None:
    """The word for a bound after a number, if it does not belong to the next: "42,5 max 80"."""
    word = reading.at(label, amount.last)
    tokens = reading.tokens[word.last : word.last + 1] if word else []
    return None if any(token.is_number for token in tokens) else word


def _is_price(amount: Amount) -> bool:
    """Whether a number beside the word for a bound is a price, though no money is named."""
    return amount.is_money or amount.value >= LEAST_BARE_PRICE
