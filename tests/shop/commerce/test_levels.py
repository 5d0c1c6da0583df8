"""Stock that is taken once, whenever it breaks off."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from shop.commerce.remote.levels import Level, undone

PLACES = st.dictionaries(
    st.sampled_from(["7@1", "8@1", "iitem_1/location-levels/sloc_1"]),
    st.tuples(st.integers(-5, 50), st.integers(-3, 3).filter(bool)),
    min_size=1,
)


def wanted(stock: dict[str, int], places: dict[str, tuple[int, int]]) -> list[Level]:
    return [Level(one, stock[one], stock[one] - count) for one, (_, count) in places.items()]


@given(places=PLACES, breaks=st.integers(0, 3))
def test_a_repeat_takes_what_was_left(places: dict[str, tuple[int, int]], breaks: int) -> None:
    """The first attempt breaks off after so many writes, and the shop's people write notes too."""
    stock, notes = {one: have for one, (have, _) in places.items()}, ["paid: card pi_1"]
    for allowed in (breaks, len(places), len(places)):
        left, note = undone(wanted(stock, places), notes, "1001/settle_problem/k")
        if note:
            notes += ["stock of nothing", note]
        for level in left[:allowed]:
            stock[level.place] = level.after
    assert stock == {one: have - count for one, (have, count) in places.items()}


def test_another_write_is_another_one() -> None:
    level = Level("7@1", 10, 9)
    left, note = undone([level], [], "k1")
    assert (left, note.count("7@1: 10 to 9")) == ([level], 1)
    assert undone([level], [note], "k1") == ([level], "")  # noted, and not done yet
    assert undone([Level("7@1", 9, 8)], [note], "k1") == ([], "")
    assert undone([Level("7@1", 9, 8)], [note], "k2")[0] == [Level("7@1", 9, 8)]
