"""A mail as its words and what is needed to answer it. Reads whatever programs make of MIME.

https://www.rfc-editor.org/rfc/rfc5322, rfc2045 to rfc2047, rfc3676 (flowed lines).
"""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses

from channels.mailing.plain import CUT, plain

_ID = re.compile(r"<[^<>\s]{1,400}>")
_ADDRESS = re.compile(r"[^\s@<>()\[\],;:\"\\]{1,64}@[^\s@<>()\[\],;:\"\\]{1,255}")
_CHARSETS = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso-8859-1": "cp1252",
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "latin1": "cp1252",
    "iso-8859-8-i": "iso-8859-8",
    "x-sjis": "cp932",
    "shift_jis": "cp932",
    "ks_c_5601-1987": "cp949",
    "euc-kr": "cp949",
    "iso-8859-9": "cp1254",
    "unicode-1-1-utf-7": "utf-7",
    "x-mac-roman": "mac-roman",
}
"""Names that programs use, and larger sets for those that are taken too narrowly."""
MOST_PARTS = 200


@dataclass(frozen=True)
class Parsed:
    message: Message
    id: str
    """The Message-ID with its brackets, "" if there is none."""
    sender: str
    answers: str
    """Where the person wants the answer (Reply-To), else the sender."""
    subject: str
    text: str
    """All words, quoted ones too."""
    references: tuple[str, ...]
    attachments: tuple[str, ...]
    media: str
    """What the first attachment is, such as `image`; "" if there is none."""
    language: str | None

    @property
    def is_reply(self) -> bool:
        return bool(self.references)


def parse(raw: bytes) -> Parsed:
    """Raises `ValueError` if nobody is named who could be answered."""
    message = email.message_from_bytes(raw, policy=email.policy.compat32)
    senders, answers = addresses(message, "From"), addresses(message, "Reply-To")
    files = [part for part in list(message.walk())[1:MOST_PARTS] if _is_file(part)]
    sender = (senders or addresses(message, "Sender") or ("",))[0]
    if not sender:
        raise ValueError("no sender")
    return Parsed(
        message,
        (ids(message, "Message-ID") or ("",))[0],
        sender,
        (answers or (sender,))[0],
        words(message, "Subject"),
        _unmarked(body(message)),
        tuple(dict.fromkeys([*ids(message, "References"), *ids(message, "In-Reply-To")])),
        tuple(_name(part) for part in files),
        files[0].get_content_maintype() if files else "",
        _language(message),
    )


def words(message: Message, name: str) -> str:
    """A header in one line, its encoded words decoded as far as they can be."""
    raw = (values(message, name) or [""])[0]
    try:
        parts = decode_header(raw)
    except (ValueError, email.errors.MessageError):
        parts = [(raw, None)]
    shown = "".join(
        part if isinstance(part, str) else decoded(part, charset or "") for part, charset in parts
    )
    return " ".join(shown.encode("utf-8", "replace").decode().split())


def addresses(message: Message, name: str) -> tuple[str, ...]:
    """The addresses in a header, in lower case; what is no address is left out."""
    given = values(message, name)
    found = [address.strip().lower() for _, address in getaddresses(given)]
    good = [address for address in found if _ADDRESS.fullmatch(address)]
    return tuple(good) or tuple(m.group().lower() for v in given for m in _ADDRESS.finditer(v))


def ids(message: Message, name: str) -> tuple[str, ...]:
    return tuple(_ID.findall(" ".join(values(message, name))))


def values(message: Message, name: str) -> list[str]:
    """Each header of that name, unfolded; what is not ASCII is read as it would be in the text."""
    found = [value for known, value in message.raw_items() if known.lower() == name.lower()]
    raw = (str(value).encode("utf-8", "surrogateescape") for value in found)
    return [re.sub(r"[\r\n]+", "", decoded(value, "")) for value in raw]


def decoded(raw: bytes, charset: str) -> str:
    name = charset.strip("\"' ").lower()
    for known in (_CHARSETS.get(name, name), "utf-8"):
        try:
            return raw.decode(known)
        except (LookupError, ValueError):
            continue
    return raw.decode("cp1252", "replace")


def body(message: Message) -> str:
    """The words of all text parts; of alternatives the plain one, unless it is empty."""
    kind = message.get_content_type()
    if message.is_multipart():
        if kind.startswith("message/"):
            return "\n".join([CUT, "", *map(body, _children(message))])
        parts = [part for part in _children(message) if _is_words(part)]
        texts = [body(part) for part in parts]
        if kind == "multipart/alternative":
            ranked = sorted(zip(parts, texts, strict=True), key=lambda one: _rich(one[0]))
            return next((text for _, text in ranked if text.strip()), "")
        return "\n".join(text for text in texts if text.strip())
    if kind == "text/html":
        return plain(_text(message))
    return _flowed(message) if kind.startswith(("text/plain", "multipart/")) else ""


def _name(part: Message) -> str:
    name = part.get_filename()
    return " ".join(str(name).split())[:100] if name else part.get_content_type()


def _children(message: Message) -> Sequence[Message]:
    payload = message.get_payload()
    return [part for part in payload if isinstance(part, Message)][:MOST_PARTS]


def _rich(part: Message) -> bool:
    return any(inner.get_content_type() == "text/html" for inner in part.walk())


def _is_words(part: Message) -> bool:
    return part.get_content_type() == "message/rfc822" or not _is_file(part)


def _is_file(part: Message) -> bool:
    kind = part.get_content_type()
    if kind.startswith("multipart/"):
        return False
    disposed = str(part.get("Content-Disposition", "")).strip().lower()
    if disposed.startswith("attachment"):
        return True
    return not kind.startswith("text/") or bool(part.get_filename()) or kind == "text/calendar"


def _text(part: Message) -> str:
    payload = part.get_payload(decode=True)
    raw = payload if isinstance(payload, bytes) else b""
    charset = part.get_param("charset", "")
    return decoded(raw, charset[2] if isinstance(charset, tuple) else str(charset))


def _flowed(part: Message) -> str:
    """Lines that end in a blank go on in the next (format=flowed)."""
    text = _text(part).replace("\r\n", "\n")
    if str(part.get_param("format", "")).lower() != "flowed":
        return text
    glue = "" if str(part.get_param("delsp", "")).lower() == "yes" else " "
    lines: list[str] = []
    open_ = False
    for line in text.split("\n"):
        line = line[1:] if line.startswith(" ") else line
        goes_on = line.endswith(" ") and line != "-- "
        if open_ and not line.startswith(">") and line != "-- ":
            lines[-1] = lines[-1].rstrip(" ") + glue + line
        else:
            lines.append(line)
        open_ = goes_on and not line.startswith(">")
    return "\n".join(lines)


def _unmarked(text: str) -> str:
    """Without soft hyphens and marks of width zero that mailers put in."""
    return re.sub("[\u00ad\u200b\u2060\ufeff]", "", text).replace("\xa0", " ")


def _language(message: Message) -> str | None:
    for name in ("Content-Language", "Accept-Language"):
        found = re.match(r"\s*([A-Za-z]{2,3})\b", str(message.get(name, "")))
        if found:
            return found[1].lower()
    return None


def authenticated(message: Message, server: str, domain: str) -> bool:
    """Whether our own mail server found that the mail is from `domain` (RFC 8601).

    Only its newest line counts; those below it may be the sender's.
    """
    for value in values(message, "Authentication-Results"):
        line = re.sub(r"\([^()]*\)", " ", " ".join(value.split())).lower()
        host, _, results = line.partition(";")
        if host.split()[:1] == [server.lower()]:
            found = [result.split() for result in results.split(";")]
            return any(_passes(result, domain) for result in found if result)
    return False


def _passes(result: Sequence[str], domain: str) -> bool:
    facts = dict(fact.partition("=")[::2] for fact in result)
    if result[0] == "dmarc=pass":
        return facts.get("header.from", domain) == domain
    signer = facts.get("header.d") or facts.get("header.i", "").rpartition("@")[2]
    return result[0] == "dkim=pass" and signer == domain
