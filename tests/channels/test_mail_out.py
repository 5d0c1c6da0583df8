"""A turn as one mail: its words, its links, its headers."""

from __future__ import annotations

import email
import email.policy
from typing import Any

import pytest
from hypothesis import given

from channels.mail import Mail
from channels.mailing.compose import message
from channels.render import Button, Image, Reply
from tests.channels.fake_platform import cards, choices, shows_all
from tests.channels.mails import GIVEN, TO, body, links
from tests.channels.turns import ANY_SIZE, turns


def shown(turn: Reply, *more: Reply) -> dict[str, Any]:
    (call,) = Mail(GIVEN).render([turn, *more], TO).calls
    return dict(call.body)


def test_a_turn_is_one_mail() -> None:
    made = shown(
        Reply("Found & so:", "pl", cards=cards(2)), Reply("More?", buttons=choices("Yes", "No"))
    )
    assert made["text"] == (
        "Found & so:\n\nJacket 1\n129.90 zł · 4.5 (23)\nhttps://shop.example/j1\n\n"
        "Jacket 2\n129.90 zł · 4.5 (23)\nhttps://shop.example/j2\n"
        "1. Jacket 1: Details\n2. Jacket 1: Add to cart\n"
        "3. Jacket 2: Details\n4. Jacket 2: Add to cart\n\nMore?\n5. Yes\n6. No"
    )
    html = made["html"]
    assert '<html lang="pl">' in html
    assert "<p>Found &amp; so:</p>" in html
    assert html.count("<tr>") == 2
    assert 'img src="https://shop.example/storm.png" alt="Jacket 1"' in html
    shown_links = links(html)
    assert shown_links["Jacket 1"] == "https://shop.example/j1"
    assert shown_links["5. Yes"] == "mailto:help@shop.example?subject=Re%3A%20Hello&body=" + (
        "Yes%20%5B%23id-1%5D"
    )


def test_links_pictures_and_odd_words_are_safe() -> None:
    pay = Button("Pay <now>", url="/pay?a=1&b=2")
    made = shown(Reply('<script>"x" https://shop.example/a?b=1&c.', buttons=(pay,)))
    assert "<script>" not in made["html"]
    assert links(made["html"])["Pay <now>"] == "https://shop.example/pay?a=1&b=2"
    assert links(made["html"])["https://shop.example/a?b=1&c"] == "https://shop.example/a?b=1&c"
    pictured = shown(Reply("Sizes", image=Image("/s.jpg", "Table")))
    assert 'src="https://shop.example/s.jpg"' in pictured["html"]
    assert pictured["text"] == "Sizes\nTable\nhttps://shop.example/s.jpg"


@pytest.mark.parametrize(
    ("subject", "expected"),
    [("Hello", "Re: Hello"), ("RE: Hello", "RE: Hello"), ("re:x", "re:x"), ("", "Re: Sure?"),
     ("a\r\nBcc: b@c.d", "Re: a Bcc: b@c.d"), ("x" * 300, "Re: " + "x" * 149 + "…")],
)  # fmt: skip
def test_the_subject_says_what_is_answered(subject: str, expected: str) -> None:
    (call,) = Mail(GIVEN).render([Reply("Sure?")], {**TO, "subject": subject}).calls
    assert call.body["subject"] == expected


def test_long_ids_and_signs_of_other_languages_arrive_whole() -> None:
    ids = [f"<{'a' * length}.{length}@very.long.host.name.example>" for length in (60, 90, 400)]
    known = {**TO, "id": ids[0], "references": ids, "subject": "Zażółć 👍🏽 " * 8}
    (call,) = Mail(GIVEN).render([Reply("Gęślą jaźń 漢字 " * 99)], known).calls
    raw = message(call.body, "help@shop.example", "Sklep Żółw", "key").as_bytes()
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert raw.isascii()
    read = email.message_from_bytes(raw, policy=email.policy.default)
    assert (read["In-Reply-To"], read["References"].split()) == (ids[0], ids)
    assert f"In-Reply-To: {ids[0]}\r\n".encode() in raw
    assert read["Subject"] == call.body["subject"]
    assert str(read["From"]) == "Sklep Żółw <help@shop.example>"
    assert body(read, "plain") == call.body["text"].strip()


@pytest.mark.parametrize(
    ("address", "written"),
    [("anna@example.com", "anna@example.com"), ("a@żółw.example", "a@xn--w-uga1v8h.example"),
     ("żaba@example.com", None)],
)  # fmt: skip
def test_an_address_is_written_as_the_net_has_it(address: str, written: str | None) -> None:
    (call,) = Mail(GIVEN).render([Reply("Hello")], {**TO, "address": address}).calls
    if written:
        assert message(call.body, "help@shop.example", "", "k")["To"] == written
    else:
        with pytest.raises(ValueError, match="few servers"):
            message(call.body, "help@shop.example", "", "k")


@ANY_SIZE
@given(turns())
def test_no_choice_is_lost(turn: list[Reply]) -> None:
    ours = Mail(GIVEN)
    shows_all(ours, TO, turn)
    calls = ours.render(turn, TO).calls
    assert len(calls) == (1 if turn else 0)
    for call in calls:
        for reply in turn:
            for button in reply.choices():
                assert f"%5B%23{button.payload}%5D" in call.body["html"]
