"""The person's own words among those that they quote, whatever program wrote the mail."""

from __future__ import annotations

import pytest

from tests.channels.mails import MINE, QUOTE, said

REPLIES = {
    "plain": MINE,
    "Gmail": f"{MINE}\n\nOn Thu, 5 Jun 2024 at 10:00, Shop <help@shop.example> wrote:\n\n{QUOTE}",
    "Gmail, broken line": f"{MINE}\n\nOn Thu, 5 Jun 2024 at 10:00, The Shop of All Shops\n"
    f"<help@shop.example> wrote:\n\n{QUOTE}",
    "Gmail in Polish": f"{MINE}\n\nczw., 5 cze 2024 o 10:00 Sklep <help@shop.example> "
    f"napisał(a):\n\n{QUOTE}",
    "Gmail in Spanish": f"{MINE}\n\nEl jue, 5 jun 2024 a las 10:00, Tienda (<help@shop.example>)\n"
    f"escribió:\n\n{QUOTE}",
    "Thunderbird in Polish": f"{MINE}\n\nW dniu 5.06.2024 o 10:00, Sklep pisze:\n{QUOTE}",
    "WP": f"{MINE}\n\nDnia 5 czerwca 2024 10:00 Sklep <help@shop.example> napisał(a):\n\nKtóre?",
    "Apple": f"{MINE}\n\n> On 5 Jun 2024, at 10:00, Shop <help@shop.example> wrote:\n> \n{QUOTE}",
    "German": f"{MINE}\n\nAm 05.06.2024 um 10:00 schrieb Shop <help@shop.example>:\n\n{QUOTE}",
    "Outlook": f"{MINE}\n\n________________________________\nFrom: Shop\nSent: 5 June\nTo: Anna\n"
    "Subject: Re: Hello\n\nWhich order?",
    "Outlook without a line": f"{MINE}\n\nFrom: Shop <help@shop.example>\nSent: Wednesday\n"
    "To: Anna\nSubject: Re: Hello\n\nWhich order?",
    "Outlook in Polish": f"{MINE}\n\nOd: Sklep <help@shop.example>\nWysłano: środa\nDo: Anna\n"
    "Temat: Re: Hello\n\nKtóre?",
    "Outlook in Spanish": f"{MINE}\n\n*De:* Tienda\n*Enviado:* hoy\n*Para:* A\n*Asunto:* x\n\n?",
    "Outlook Express": f"{MINE}\n\n-----Original Message-----\nFrom: Shop\n\nWhich?",
    "o2": f"{MINE}\n\n--- Wiadomość oryginalna ---\nOd: Sklep\n\nKtóre?",
    "below the quotation": f"On 5 Jun 2024 10:00, Shop <help@shop.example> wrote:\n{QUOTE}\n{MINE}",
    "between quotations": f"{QUOTE}{MINE}\n> And which size?\n",
    "with a signature": f"{MINE}\n\n-- \nAnna Nowak\ntel. 123",
    "with a signature that lost its blank": f"{MINE}\n--\nAnna",
    "with a telephone's": f"{MINE}\n\nSent from my iPhone",
    "with a telephone's in Polish": f"{MINE}\n\nWysłane z iPhone'a\n",
    "with a telephone's in Spanish": f"{MINE}\n\nEnviado desde mi iPhone",
    "with an app's": f"{MINE}\n\nGet Outlook for Android<https://aka.ms/x>",
    "with a closing": f"{MINE}\n\nKind regards,\nAnna Nowak\n+48 123 456 789",
    "with a closing in Polish": f"{MINE}\nPozdrawiam serdecznie\nAnna",
    "with a closing in Spanish": f"{MINE}\n\nUn saludo,\nAna",
    "forwarded with words": f"{MINE}\n\n------ Forwarded message -----\nFrom: Shop\n\nShipped.",
    "forwarded from a telephone": f"{MINE}\n\nBegin forwarded message:\n\n> From: Shop\n> Shipped.",
}


@pytest.mark.parametrize("case", REPLIES)
def test_only_the_persons_own_words_are_read(case: str) -> None:
    assert said(REPLIES[case], Subject="Re: Hello", In_Reply_To="<m0@x>") == MINE


KEPT = {
    "a sentence like an attribution": "Yesterday your colleague wrote: it is on its way. Is it?",
    "thanks first": "Thanks!\nAnd where is it?",
    "a list": "I want\n- the red one\n- size M",
    "a rule of hyphens": "One\n---\nTwo",
    "a colon": "From: Warsaw I order often. Can you send it to: Gdańsk?",
    "a greeting": "Hi,\n\nI want to return a jacket.\nIt is too small.",
}


@pytest.mark.parametrize("case", KEPT)
def test_words_that_only_look_like_a_quotation_are_kept(case: str) -> None:
    assert said(KEPT[case]) == KEPT[case]


@pytest.mark.parametrize(
    ("subject", "text", "reply", "expected"),
    [
        ("Order 10001", "Where is it?", False, "Order 10001\nWhere is it?"),
        ("Order 10001", "Where is order 10001?", False, "Where is order 10001?"),
        ("Order 10001", "Where is it?", True, "Where is it?"),
        ("Where is my parcel?", "\n-- \nAnna", False, "Where is my parcel?"),
        ("Question", "Where is it?", False, "Where is it?"),
        ("Fwd: Shipped", "---------- Forwarded message ---------\nFrom: S <s@x>\nDate: 5 June\n"
         "Subject: Shipped\nTo: Anna\n\nYour parcel 1 left.", True, "Your parcel 1 left."),
        ("PD: Wysłane", "\n\nOd: S\nWysłano: dziś\nDo: A\nTemat: W\n\nPaczka jedzie.", True,
         "Paczka jedzie."),
        ("Re: Hello", QUOTE, True, ""),
    ],
)  # fmt: skip
def test_what_stands_elsewhere_is_found(
    subject: str, text: str, reply: bool, expected: str
) -> None:
    answers = {"In_Reply_To": "<m0@x>"} if reply else {}
    assert said(text, Subject=subject, **answers) == expected
