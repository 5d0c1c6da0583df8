"""Turns of any size, as an assistant might say them, for tests of what channels make of them."""

from __future__ import annotations

from itertools import count

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st

from channels.clean import clean_text
from channels.render import Button, Card, Image, Reply

ANY_SIZE = settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
"""Without shrinking: a turn of thirty choices takes minutes to shrink."""
SIGNS = "ab Zż.,!?\n1/ñ¿€漢字👍🏽👩‍👩‍👧é"
words = st.text(st.sampled_from(SIGNS), max_size=60).map(clean_text)
long_words = st.one_of(
    words,
    st.integers(1, 300).map(lambda n: "Your jacket, see https://shop.example/p/1?a=b&c=d. " * n),
    st.integers(1, 900).map("ósmy👍🏽 ".__mul__),
    st.integers(1, 3000).map("ą".__mul__),
).map(clean_text)
titles = st.one_of(
    st.sampled_from(["Details", "Add to cart", "Yes", "Dodaj do koszyka", "XL", "Talk to us"]),
    st.text(st.sampled_from(SIGNS), min_size=1, max_size=90).map(clean_text),
).filter(bool)
links = st.sampled_from(
    ["https://shop.example/p/1", "/p/2", "mailto:a@shop.example", "http://localhost:80/p"]
)
images = st.none() | st.builds(
    Image,
    st.sampled_from(["https://shop.example/a.jpg", "/b.png", "/c.svg", "http://localhost/d.png"]),
    words,
)


@st.composite
def buttons(draw: st.DrawFn, most: int) -> tuple[Button, ...]:
    made = draw(st.lists(st.tuples(titles, st.booleans(), links), max_size=most))
    return tuple(
        Button(title, "?") if is_choice else Button(title, None, link)
        for title, is_choice, link in made
    )


@st.composite
def turns(draw: st.DrawFn) -> list[Reply]:
    """Up to four replies with up to 30 choices; every choice has an id of the real length."""
    number = count(1)
    cards = st.builds(
        Card, st.just("p"), titles, words, st.none() | links, images, st.just({}), buttons(4)
    )
    made = st.builds(
        Reply,
        long_words,
        st.sampled_from([None, "pl"]),
        buttons(30),
        st.lists(cards, max_size=12).map(tuple),
        images,
    )
    replies = draw(st.lists(made.filter(lambda r: r != Reply(lang=r.lang)), max_size=4))
    return [reply.offered(lambda _: f"id-{next(number):013d}") for reply in replies]
