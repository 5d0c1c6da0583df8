"""Every vendor's help desk keeps the contract, and what a ticket tells the person who answers."""

from __future__ import annotations

import contextlib
import logging
import traceback

import pytest

from shop.helpdesk.kept import KeptHelpdesk
from shop.helpdesk.summary import LONGEST, all_words, note, subject
from shop.model import NotFound, Ticket, Unavailable
from tests.shop.helpdesk.doubles.base import NOBODY, DeskDouble
from tests.shop.helpdesk_contract import LINES, HelpdeskContract, asked
from tests.shop.vendor import Asked, Said, Vendor


class TestVendors(HelpdeskContract):
    @pytest.fixture
    def helpdesk(self, desk: KeptHelpdesk) -> KeptHelpdesk:
        return desk

    @pytest.fixture
    def staff(self, double: DeskDouble) -> DeskDouble:
        return double


async def test_the_person_who_answers_knows_what_is_known(
    desk: KeptHelpdesk, double: DeskDouble, conversation: str
) -> None:
    number = await desk.open_ticket(asked(f"whatsapp:1:{conversation}"), conversation)
    filed = double.tickets[int(number)]
    (read,) = filed.private
    for fact in (
        *("Gdzie paczka?", "jan@example.org", "10234", "Kurtka Halny", "WhatsApp"),
        *("Polish", "where the order is", "complain", "Shopper: dzień dobry", "W czym pomóc?"),
    ):
        assert fact.casefold() in read.casefold(), fact
    if filed.person:
        assert double.people[filed.person].contact.lower() == "jan@example.org"


@pytest.mark.parametrize(
    ("contact", "known"), [("+48 600-100-200", "+48600100200"), ("600 100 200", "600")]
)
async def test_a_phone_number_is_the_persons(
    desk: KeptHelpdesk, double: DeskDouble, conversation: str, contact: str, known: str
) -> None:
    number = await desk.open_ticket(asked(conversation, contact), conversation)
    plain = contact.replace(" ", "").replace("-", "")
    again = await desk.open_ticket(asked(f"{conversation}-b", plain), f"{conversation}-b")
    assert double.tickets[int(number)].person == double.tickets[int(again)].person
    assert known in double.tickets[int(number)].private[0].replace(" ", "").replace("-", "")


@pytest.mark.parametrize("double", ["freshdesk", "chatwoot"], indirect=True)
async def test_a_note_that_was_not_taken_is_made_up_for(
    desk: KeptHelpdesk, double: DeskDouble, vendor: Vendor, conversation: str
) -> None:
    def without_notes(request: Asked) -> Said:
        about_note = request.method == "POST" and request.path.endswith(("/notes", "/messages"))
        return Said(500) if about_note else double.answer(request)

    vendor.answer = without_notes
    number = await desk.open_ticket(asked(conversation), conversation)
    assert double.tickets[int(number)].private == []
    vendor.answer = double.answer
    for _ in range(2):
        await desk.ticket(number)
    assert "Kurtka Halny" in double.tickets[int(number)].private[0]
    assert len(double.tickets[int(number)].private) == 1


async def test_an_address_that_the_vendor_refuses_stands_in_the_text(
    desk: KeptHelpdesk, double: DeskDouble, conversation: str
) -> None:
    number = await desk.open_ticket(asked(conversation, NOBODY), conversation)
    assert len(double.tickets) == 1
    assert NOBODY in double.tickets[int(number)].private[0]
    assert (await desk.ticket(number)).contact == NOBODY


async def test_nobody_can_be_reached_and_all_the_same_somebody_reads_it(
    desk: KeptHelpdesk, double: DeskDouble, conversation: str
) -> None:
    ticket = Ticket("", "", "refund: pi_1, 129.90 PLN: unavailable", "pl", order_number="10234")
    number = await desk.open_ticket(ticket, f"refund/{conversation}")
    assert "pi_1" in double.tickets[int(number)].private[0]


async def test_an_answer_that_got_lost_makes_no_second_ticket(
    desk: KeptHelpdesk, double: DeskDouble, vendor: Vendor, conversation: str
) -> None:
    lost: list[Asked] = []

    def losing(request: Asked) -> Said:
        before, said = len(double.tickets), double.answer(request)
        if len(double.tickets) > before and not lost:
            lost.append(request)
            return Said(200, said.bytes, cut=0)
        return said

    vendor.answer = losing
    with contextlib.suppress(Unavailable):
        await desk.open_ticket(asked(conversation), conversation)
    number = await desk.open_ticket(asked(conversation), conversation)
    assert lost
    assert [str(one) for one in double.tickets] == [number]
    assert len(double.tickets[int(number)].private) == 1


@pytest.mark.parametrize(
    "said",
    [
        *(
            Said(500),
            Said(429),
            Said(404),
            Said(403, {"error": "no"}),
            Said(400, {"message": "no"}),
        ),
        *(Said(200, b"<html>jan@example.org</html>"), Said(200, []), Said(200, {"x": 1})),
    ],
    ids=lambda said: f"{said.status}-{said.bytes[:6].decode()}",
)
async def test_trouble_is_told_without_people_and_secrets(
    desk: KeptHelpdesk,
    vendor: Vendor,
    conversation: str,
    caplog: pytest.LogCaptureFixture,
    said: Said,
) -> None:
    caplog.set_level(logging.DEBUG)
    vendor.answer = lambda request: said
    with pytest.raises(Unavailable) as caught:
        await desk.open_ticket(asked(conversation), conversation)
    told = caplog.text + "".join(traceback.format_exception(caught.value))
    secrets = ("jan@", "Gdzie", "client-secret", "fresh-key", "woot-token", "key-1")
    assert not [word for word in secrets if word in told]


async def test_a_refusal_is_no_state_of_a_ticket(
    desk: KeptHelpdesk, vendor: Vendor, conversation: str
) -> None:
    number = await desk.open_ticket(asked(conversation), conversation)
    vendor.answer = lambda request: Said(400, {"message": "no"})
    with pytest.raises(Unavailable):
        await desk.ticket(number)


async def test_what_the_vendor_has_no_more_is_not_found(
    desk: KeptHelpdesk, double: DeskDouble, conversation: str
) -> None:
    number = await desk.open_ticket(asked(conversation), conversation)
    double.tickets.clear()
    with pytest.raises(NotFound):
        await desk.ticket(number)


def test_every_language_has_the_same_words() -> None:
    english = all_words()["en"]
    for language, words in all_words().items():
        assert words.keys() == english.keys(), language
        for part in ("channels", "wishes"):
            assert words[part].keys() == english[part].keys(), (language, part)


def test_subjects_are_one_line_and_notes_are_bounded() -> None:
    ticket = Ticket("web:1", "", "a\n b" * 900, "xx", (("shopper", "x" * 40_000), *LINES), "1")
    assert "\n" not in subject(ticket)
    assert len(subject(ticket)) < 120
    assert len(note(ticket)) == LONGEST
    assert subject(Ticket("", "", "", "pl"))
