"""Who wrote a mail, whether a person did, and what the dialogue hears of it."""

from __future__ import annotations

import pytest

from channels.base import Event
from channels.mail import Mail
from channels.mailing.imap import Fetched
from channels.receive import read
from tests.channels.mails import GIVEN, MINE, heard, mail


def test_a_mail_is_an_event() -> None:
    answer = {"References": "<a@x> <m0@shop.example>", "In_Reply_To": "<m0@shop.example>"}
    assert heard(
        mail(**answer, Content_Language="pl-PL", Subject="=?utf-8?Q?Zam=C3=B3wienie?=")
    ) == (
        Event(
            "text",
            "<m1@example.com>",
            "anna@example.com",
            text=MINE,
            at=1700.0,
            locale="pl",
            to={
                "address": "anna@example.com",
                "subject": "Zamówienie",
                "id": "<m1@example.com>",
                "references": ["<a@x>", "<m0@shop.example>", "<m1@example.com>"],
            },
            about={"subject": "Zamówienie"},
        )
    )


LOOPS = [
    {"Auto_Submitted": "auto-replied (vacation)"}, {"Auto_Submitted": "auto-generated; x=y"},
    {"Precedence": "bulk"}, {"Precedence": "List"}, {"Precedence": "auto_reply"},
    {"List_Id": "News <news.shop.example>"}, {"List_Unsubscribe": "<mailto:x@y.z>"},
    {"Return_Path": "<>"}, {"X_Auto_Response_Suppress": "OOF, AutoReply"},
    {"X_Autoreply": "yes"}, {"X_Autorespond": "Vacation"}, {"X_Failed_Recipients": "a@b.c"},
    {"From": "MAILER-DAEMON@example.com"}, {"From": "no-reply@example.com"},
    {"From": "Bank <donotreply@example.com>"}, {"From": "bounces+1=a@example.com"},
    {"From": "Postmaster <postmaster@example.com>"}, {"From": "noreply+7@example.com"},
    {"From": "help@shop.example"}, {"From": "SKLEP@shop.example"},
    {"Reply_To": "help@shop.example"}, {"Reply_To": "no-reply@example.com"},
    {"Content_Type": 'multipart/report; report-type=delivery-status; boundary="b"'},
    {"Content_Type": "message/disposition-notification"},
    {"Subject": "Automatic reply: Hello"}, {"Subject": "Out of Office"},
    {"Subject": "=?utf-8?Q?Automatyczna_odpowied=C5=BA=3A_Hello?="},
    {"Subject": "Respuesta automática: Hola"}, {"Subject": "Undeliverable: Re: Hello"},
    {"Subject": "Accepted: Meeting"}, {"X_Spam_Flag": "YES"},
]  # fmt: skip


@pytest.mark.parametrize("headers", LOOPS, ids=str)
def test_what_no_person_wrote_is_not_answered(headers: dict[str, str]) -> None:
    assert heard(mail(**headers)) is None


@pytest.mark.parametrize(
    "headers",
    [{"Auto_Submitted": "no"}, {"Precedence": "first-class"}, {"Return_Path": "<anna@example.com>"},
     {"X_Auto_Response_Suppress": "DR, RN"}, {"From": "replying.anna@example.com"},
     {"From": "Noreen Ply <noreen@example.com>"}, {"Subject": "Read this: an office question"},
     {"X_Spam_Flag": "NO"}, {"Importance": "high"}],
    ids=str,
)  # fmt: skip
def test_what_a_person_wrote_is_answered(headers: dict[str, str]) -> None:
    event = heard(mail(**headers))
    assert event
    assert event.text == MINE


@pytest.mark.parametrize(
    ("header", "user"),
    [
        ("anna@example.com", "anna@example.com"),
        ("<ANNA+shop@example.com>", "anna+shop@example.com"),
        ('"Nowak, Anna" <anna@example.com>', "anna@example.com"),
        ("=?utf-8?B?xYFhbmlh?= <anna@example.com>", "anna@example.com"),
        ("Anna <anna@example.com>, Jan <jan@example.com>", "anna@example.com"),
        ("Anna (from work) <anna@example.com>", "anna@example.com"),
        ("anna@example.com (Anna)", "anna@example.com"),
        ("Anna Nowak anna@example.com", "anna@example.com"),
    ],
)
def test_the_sender_is_found(header: str, user: str) -> None:
    event = heard(mail(From=header))
    assert event
    assert (event.user, event.to["address"]) == (user, user)


def test_an_odd_address_is_named_by_a_digest_and_still_answered() -> None:
    for address in ("o'brien@example.com", "zażółć@example.com", f"{'a' * 60}@{'b' * 60}.example"):
        event = heard(mail(From=address))
        assert event
        assert len(event.user) == 64
        assert event.to["address"] == address


@pytest.mark.parametrize("headers", [{"From": ""}, {"From": "Anna"}, {"From": "<>"}], ids=str)
def test_without_a_sender_there_is_nobody_to_answer(headers: dict[str, str]) -> None:
    assert heard(mail(**headers)) is None


def test_a_mail_without_an_id_is_known_by_its_place() -> None:
    event = heard(mail(Message_ID=""))
    assert event
    assert (event.id, event.to["id"], event.to["references"]) == ("7.42", "", [])


def test_an_answer_goes_where_the_person_wants_it_and_there_is_the_conversation() -> None:
    event = heard(mail(Reply_To="Jan <jan@example.com>"))
    assert event
    assert (event.user, event.to["address"]) == ("jan@example.com", "jan@example.com")


PASS = "mx.shop.example; spf=pass smtp.mailfrom=a@x; dmarc=pass (p=none) header.from=example.com"
SIGNED = "mx.shop.example 1; dkim=pass header.d=example.com header.s=k"


@pytest.mark.parametrize(
    ("results", "more", "proven"),
    [
        ([PASS], {}, True),
        ([SIGNED], {}, True),
        ([SIGNED], {"Reply_To": "jan@example.com"}, False),
        ([], {}, False),
        ([PASS.replace("mx.shop", "mx.evil")], {}, False),
        ([PASS.replace("pass", "fail")], {}, False),
        ([PASS.replace("dmarc=pass", "dmarc=fail"), PASS], {}, False),
        ([SIGNED.replace("example.com", "evil.example")], {}, False),
        ([PASS.replace("header.from=example.com", "header.from=evil.example")], {}, False),
        (["mx.shop.example; none (dmarc=pass header.from=example.com)"], {}, False),
    ],
)
def test_who_is_not_proven_has_a_conversation_of_their_own(
    results: list[str], more: dict[str, str], proven: bool
) -> None:
    lines = "".join(f"Authentication-Results: {line}\r\n" for line in results).encode()
    event = heard(lines + mail(**more), authserv="mx.shop.example")
    assert event
    assert event.about["authenticated"] is proven
    assert event.user.endswith("/unproven") is not proven


def test_a_link_that_was_followed_is_a_choice() -> None:
    ident = "AbCdEf_-12345678"
    event = heard(mail(f"Add to cart [#{ident}]\n\nSent from my iPhone"))
    assert event
    assert (event.kind, event.choice, event.text) == ("choice", ident, "Add to cart")
    quoted = heard(mail(f"{MINE}\n> Add to cart [#{ident}]"))
    assert quoted
    assert (quoted.kind, quoted.choice) == ("text", "")


def test_nobody_is_answered_more_than_twenty_times_an_hour() -> None:
    ours = Mail(GIVEN)
    mails = [Fetched(mail(Message_ID=f"<{n}@x>"), "7.42", 1700.0) for n in range(30)]
    assert len(read(ours, mails)) == 20
    assert len(read(ours, [Fetched(mail(From="jan@example.com"), "7.43", 1700.0)])) == 1


def test_a_card_number_is_kept_nowhere() -> None:
    event = heard(mail(Subject="My card 4111 1111 1111 1111"))
    assert event
    assert "4111 1111" not in str((event.to, event.about))
