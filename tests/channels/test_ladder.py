"""The ladder: the highest rung on which everything fits."""

from dataclasses import replace

import pytest
from hypothesis import given

from channels.ladder import layout
from channels.limits import Bubble, Can, Carousel, Form
from channels.render import Button, Card, Image, Reply
from tests.channels.fake_platform import SITE, cards, choices
from tests.channels.turns import ANY_SIZE, turns

CAN = Can(
    text=200,
    buttons=Form(3, 10, 100, links=True),
    quick=Form(5, 10, 200),
    rows=Form(8, 12, 150, detail=30),
    carousel=Carousel(4, 20, 40, Form(2, 15, 0)),
    picture=Form(2, 12, 90),
)
TEXT = Can(text=60)


def shown(reply: Reply, can: Can = CAN) -> list[Bubble]:
    return layout([reply], can, SITE)[0]


@pytest.mark.parametrize(
    ("count", "title", "form"),
    [
        (2, "Yes", "buttons"), (3, "Yes", "buttons"), (4, "Yes", "quick"), (5, "Yes", "quick"),
        (6, "Yes", "rows"), (8, "Yes", "rows"), (9, "Yes", "rows"), (2, "Eleven sign", "rows"),
        (2, "Thirteen sign", "buttons"), (4, "Thirteen sign", "quick"),
    ],
)  # fmt: skip
def test_the_highest_rung_is_taken(count: int, title: str, form: str) -> None:
    titles = [title[:-1] + chr(97 + n) for n in range(count)]
    (bubble,) = shown(Reply("Which?", buttons=choices(*titles)))
    assert bubble.form == form


def test_titles_that_are_cut_stand_in_the_text() -> None:
    (bubble,) = shown(Reply("Which?", buttons=choices("Eleven signs and more", "No")))
    assert bubble.text == "Which?\n1. Eleven signs and more\n2. No"
    assert [button.title for button in bubble.buttons] == ["1. Eleven…", "2. No"]


def test_choices_that_are_too_many_are_all_in_the_text() -> None:
    titles = [f"Jacket {n}" for n in range(1, 11)]
    (bubble,) = shown(Reply("Which?", buttons=choices(*titles)))
    assert bubble.text.splitlines()[1:] == [f"{n}. Jacket {n}" for n in range(1, 11)]
    assert [button.title for button in bubble.buttons][6:] == ["7. Jacket 7", "8. Jacket 8"]


def test_quick_replies_are_the_end_of_a_turn() -> None:
    turn = [Reply("Size?", buttons=choices(*"SMLX")), Reply("Or colour?", buttons=choices(*"RGBY"))]
    bubbles, _ = layout(turn, replace(CAN, rows=None), SITE)
    assert [(bubble.form, bubble.text) for bubble in bubbles] == [
        ("buttons", "Size?\n1. S\n2. M\n3. L\n4. X"),
        ("quick", "Or colour?"),
    ]


def test_two_choices_that_look_alike_are_numbered() -> None:
    (bubble,) = shown(Reply("Which?", buttons=choices("Blue", "blue")))
    assert [button.title for button in bubble.buttons] == ["1. Blue", "2. blue"]


def test_numbers_run_on_through_the_turn() -> None:
    one, two = choices("A", "B", "C"), tuple(Button(t, f"x{t}") for t in "DE")
    turn = [Reply("One?", buttons=one), Reply("Two?", buttons=two)]
    bubbles, numbers = layout(turn, TEXT)
    assert [bubble.text for bubble in bubbles] == ["One?\n1. A\n2. B\n3. C", "Two?\n4. D\n5. E"]
    assert numbers == {"id-1": 1, "id-2": 2, "id-3": 3, "xD": 4, "xE": 5}


def test_native_choices_have_no_number() -> None:
    assert layout([Reply("Sure?", buttons=choices("Yes"))], CAN)[1] == {}


def test_links_are_buttons_where_they_may_be() -> None:
    pay, yes = Button("Pay", url="/pay"), Button("Yes", "id")
    (bubble,) = shown(Reply("So?", buttons=(pay, yes)))
    assert bubble.buttons == (replace(pay, url=SITE + "pay"), yes)
    (bubble,) = shown(Reply("So?", buttons=(pay, *choices("A", "B", "C"))))
    assert (bubble.form, bubble.text) == ("quick", f"So?\nPay: {SITE}pay")


def test_a_link_to_nowhere_is_left_out() -> None:
    reply = Reply("So?", buttons=(Button("Pay", url="/pay"),))
    assert layout([reply], CAN)[0] == [Bubble(text="So?")]


def test_a_long_text_comes_before_its_choices() -> None:
    bubbles = shown(Reply("word " * 50, buttons=choices("Yes")))
    assert [bubble.form for bubble in bubbles] == ["text", "text", "buttons"]


def test_cards_are_a_carousel() -> None:
    bubbles = shown(Reply("Found:", cards=cards(5), buttons=choices("More")))
    assert [(b.form, b.text, len(b.cards)) for b in bubbles] == [
        ("text", "Found:", 0), ("carousel", "", 4), ("carousel", "", 1), ("buttons", "Choose", 0),
    ]  # fmt: skip


def test_a_title_that_is_too_long_goes_on_below() -> None:
    long = replace(cards(1)[0], title="Expedition backpack for weeks", subtitle="€289.00")
    (bubble,) = shown(Reply(cards=(long,)))
    assert (bubble.form, bubble.cards[0].title) == ("carousel", "Expedition backpack")
    assert bubble.cards[0].subtitle == "for weeks\n€289.00"
    longer = replace(long, title="Expedition backpack " * 4)
    assert "carousel" not in {bubble.form for bubble in shown(Reply(cards=(longer,)))}


def test_several_cards_are_a_text_where_a_carousel_is_for_one() -> None:
    can = replace(CAN, carousel=Carousel(1, 20, 40, Form(2, 15, 0), single=True), text=400)
    assert [b.form for b in shown(Reply("Found:", cards=cards(1)), can)] == ["text", "carousel"]
    assert "carousel" not in {b.form for b in shown(Reply("Found:", cards=cards(2)), can)}


def test_a_card_that_would_lose_something_steps_down() -> None:
    reply = Reply("Found:", cards=(cards(2)[0], replace(cards(2)[1], subtitle="long " * 10)))
    assert "carousel" not in {bubble.form for bubble in shown(reply)}
    single = shown(reply, replace(CAN, each=True))
    assert [bubble.form for bubble in single] == ["text", "picture", "picture"]
    (listed,) = shown(reply, Can(text=400))
    assert "https://shop.example/j2\n1. Jacket 1: Details" in listed.text
    assert "4. Jacket 2: Add to cart" in listed.text


def test_an_image_that_cannot_be_shown_is_described() -> None:
    for source in ("/sizes.svg", "http://shop.example/sizes.png", "https://shop.example/s.webp"):
        (bubble,) = shown(Reply("Sizes", image=Image(source, "A table")))
        assert bubble.form == "text"
        assert bubble.text.startswith("Sizes\nA table\nhttp")


def test_joined_texts_are_one_message() -> None:
    can = replace(CAN, joined=True)
    turn = [Reply("One."), Reply("Two."), Reply("Three?", buttons=choices("Yes"))]
    (bubble,) = layout(turn, can)[0]
    assert (bubble.form, bubble.text) == ("buttons", "One.\n\nTwo.\n\nThree?")
    assert len(layout([Reply("a " * 60), Reply("b " * 60)], can)[0]) == 2


ROOMS = [CAN, replace(CAN, each=True), replace(CAN, joined=True), TEXT]


@ANY_SIZE
@given(turn=turns())
@pytest.mark.parametrize("can", ROOMS)
def test_every_bubble_keeps_the_limits(can: Can, turn: list[Reply]) -> None:
    forms = {"buttons": can.buttons, "quick": can.quick, "rows": can.rows, "picture": can.picture}
    bubbles, _ = layout(turn, can, SITE)
    for bubble in bubbles:
        form = forms.get(bubble.form)
        assert len(bubble.text) <= (form.text if form else can.text)
        assert bubble.text or bubble.form in ("picture", "carousel")
        if form:
            assert len(bubble.buttons) <= form.count
            assert all(0 < len(button.title) <= form.title for button in bubble.buttons)
        assert 1 <= len(bubble.cards) <= 4 or bubble.form != "carousel"


def test_a_card_without_anything_is_no_message() -> None:
    empty = Card("", "", "", None, None, {}, ())
    assert shown(Reply(cards=(empty,))) == []
