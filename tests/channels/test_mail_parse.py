"""The words of a mail: every encoding, every way to put parts together, HTML."""

from __future__ import annotations

import base64
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.channels.mails import MINE, heard, mail
from tests.channels.turns import ANY_SIZE

POLISH = "Zażółć gęślą jaźń – 10 €"
CODED = {
    "utf-8": (POLISH.encode(), {"Content_Type": "text/plain; charset=UTF-8"}),
    "windows-1250": (POLISH.encode("cp1250"), {"Content_Type": "text/plain; charset=windows-1250"}),
    "base64": (
        base64.encodebytes(POLISH.encode()),
        {"Content_Transfer_Encoding": "base64"},
    ),
    "quoted-printable": (
        quopri.encodestring(POLISH.encode("cp1250")),
        {"Content_Transfer_Encoding": "quoted-printable",
         "Content_Type": 'text/plain; charset="Windows-1250"; format=fixed'},
    ),
    "utf-8 without a name": (POLISH.encode(), {"Content_Type": "text/plain"}),
    "utf-8 under no name": (POLISH.encode(), {"Content_Type": "text/plain; charset=x-none"}),
    "without MIME": (POLISH.encode(), {"Content_Type": "", "MIME_Version": ""}),
    "html": (f"<p>{POLISH}</p>".encode(), {"Content_Type": "text/html; charset=utf-8"}),
    "html entities": (
        POLISH.encode("ascii", "xmlcharrefreplace"), {"Content_Type": "text/html"}
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", CODED)
def test_every_encoding_is_read(case: str) -> None:
    raw, headers = CODED[case]
    event = heard(mail(raw=raw, **headers))
    assert event
    assert event.text == POLISH


def parts(kind: str, *inner: tuple[str, str]) -> tuple[bytes, dict[str, str]]:
    made = "".join(f"--b\r\nContent-Type: {type_}\r\n\r\n{text}\r\n" for type_, text in inner)
    return f"{made}--b--\r\n".encode(), {"Content_Type": f'multipart/{kind}; boundary="b"'}


HTML = "text/html; charset=utf-8"
PARTS: dict[str, tuple[tuple[bytes, dict[str, str]], str, list[str]]] = {
    "both": (parts("alternative", ("text/plain", MINE), (HTML, "<b>No</b>")), MINE, []),
    "plain is empty": (parts("alternative", ("text/plain", " \r\n"), (HTML, MINE)), MINE, []),
    "html first": (parts("alternative", (HTML, "<b>No</b>"), ("text/plain", MINE)), MINE, []),
    "a file": (
        parts("mixed", ("text/plain", MINE), ('application/pdf; name="faktura.pdf"', "x")),
        MINE,
        ["faktura.pdf"],
    ),
    "a file with words": (
        parts("mixed", ("text/plain", MINE), ('text/csv; name="a.csv"', "1,2")), MINE, ["a.csv"]
    ),
    "an invitation": (
        parts("mixed", ("text/plain", MINE), ("text/calendar", "BEGIN")), MINE, ["text/calendar"]
    ),
    "around a picture": (
        parts("mixed", ("text/plain", "One"), ("image/jpeg", "x"), ("text/plain", "two")),
        "One\ntwo",
        ["image/jpeg"],
    ),
    "a mail as a file": (
        parts("mixed", ("text/plain", MINE), ("message/rfc822", "Subject: x\r\n\r\nShipped.")),
        MINE,
        ["message/rfc822"],
    ),
    "nothing but a mail as a file": (
        parts("mixed", ("message/rfc822", "Subject: x\r\n\r\nShipped.")), "Shipped.",
        ["message/rfc822"],
    ),
    "flowed": (
        (b"Where is \r\nmy order \r\n10001?\r\n", {"Content_Type": "text/plain; format=flowed"}),
        MINE,
        [],
    ),
    "no end of parts": (
        (f"--b\r\n\r\n{MINE}".encode(), {"Content_Type": 'multipart/mixed; boundary="b"'}), MINE, []
    ),
    "no boundary": ((MINE.encode(), {"Content_Type": "multipart/mixed"}), MINE, []),
}  # fmt: skip


@pytest.mark.parametrize("case", PARTS)
def test_the_words_are_found_among_the_parts(case: str) -> None:
    (raw, headers), expected, files = PARTS[case]
    event = heard(mail(raw=raw, Subject="Re: x", In_Reply_To="<m0@x>", **headers))
    assert event
    assert (event.text, event.about.get("attachments", [])) == (expected, files)


PAGES = {
    "paragraphs": ("<p>Hi,</p><p>Where <i>is</i>&nbsp;it?</p>", "Hi,\n\nWhere is it?"),
    "lines": ("One<br>two<div>three</div><div>four</div>", "One\ntwo\nthree\nfour"),
    "table": ("<table><tr><td>Size</td><td>M</td></tr></table>", "SizeM"),
    "hidden": ("<style>p {}</style><p style='display: none'>x</p><script>y()</script>Hi", "Hi"),
    "Gmail": (f'<div>{MINE}</div><div class="gmail_quote"><div class="gmail_attr">On 5 Jun 2024 '
              "10:00 Shop wrote:</div><blockquote>Which?</blockquote></div>", MINE),
    "Outlook": (f'<p>{MINE}</p><div id="appendonsend"></div><hr><div id="divRplyFwdMsg">'
                "<b>From:</b> Shop</div><div>Which?</div>", MINE),
    "Thunderbird": (f'<p>{MINE}</p><div class="moz-cite-prefix">On 5.06 10:00, Shop wrote:<br>'
                    '</div><blockquote type="cite">Which?</blockquote>', MINE),
    "a signature": (f'<div>{MINE}</div><div class="gmail_signature">Anna</div>', MINE),
    "broken": (f"<div><p>{MINE}</b></span></table>", MINE),
}  # fmt: skip


@pytest.mark.parametrize("case", PAGES)
def test_a_mail_of_html_alone_is_read(case: str) -> None:
    html, expected = PAGES[case]
    event = heard(mail(html, Content_Type=HTML, Subject="Re: x", In_Reply_To="<m0@x>"))
    assert event
    assert event.text == expected


@ANY_SIZE
@given(st.binary(max_size=400), st.integers(0, 10_000), st.sampled_from(sorted(PARTS)))
def test_no_mail_breaks_the_reader(noise: bytes, place: int, case: str) -> None:
    (raw, headers), _, _ = PARTS[case]
    whole = mail(raw=raw, **headers)
    cut = place % len(whole)
    heard(whole[:cut] + noise + whole[cut:])
    heard(noise)
