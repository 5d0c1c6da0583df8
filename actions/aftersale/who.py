"""Who is writing: two facts that belong together, and where policy asks for it a code by e-mail."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.aftersale.matching import small_words, tokens
from actions.aftersale.model import Heard
from actions.answers import person
from actions.forms import ANSWERS
from actions.turn import Turn
from shop import codes, connect, identity
from shop.model import NotFound, Order, Refused, Shopper
from shop.policy import policy

SLOTS = ("identify_who", "identify_proof")
NAME = re.compile(r"[^\W\d_a-z][\w'’-]+(?: [^\W\d_a-z][\w'’-]+){1,2}")
NEAR = 30  # characters between a name and its postcode
CODE = re.compile(r"(?<!\d)(\d{3})[ -]?(\d{3})(?!\d)")
SHORT_ANSWERS = frozenset({"affirm", "deny", "no_preference"})  # "not now, I'm busy" is no name
NAMELESS = ("reason", "reference", "method", "cheaper", "profile_field")  # nor "found it cheaper"
Known = dict[str, str | None]


def facts_in(turn: Turn, heard: Heard, asked: str, known: Known) -> Known:
    """An e-mail, or a name; and what goes with it: an order number, or a postcode."""
    who = known["identify_who"]
    mail, name = heard.value("email"), full_name(turn, heard, asked)
    if mail or name:
        who = mail or name
    proof = known["identify_proof"] if who == known["identify_who"] else None
    if who and "@" in who:
        numbers = heard.values("order_number") or (heard.values("number") if asked in SLOTS else [])
        proof = str(numbers[0]) if numbers else proof
    elif who:
        found = heard.value("postcode") or (heard.value("number") if asked in SLOTS else None)
        found = found or (digits_beside(heard.text, who) if who != known["identify_who"] else None)
        proof = str(found) if found else proof
    return {"identify_who": who, "identify_proof": proof}


def full_name(turn: Turn, heard: Heard, asked: str) -> str | None:
    """A name said in passing ("Anna Nowak here, 30-702"), or as the answer to the question."""
    told = [v for v in heard.values("person") if isinstance(v, str) and " " in v.strip()]
    beside = written_as_name(heard)
    if told or beside:
        return told[0] if told else beside
    elsewhere = heard.sure and heard.intent not in ANSWERS - SHORT_ANSWERS
    if asked not in SLOTS or not heard.text or elsewhere or any(map(heard.all, NAMELESS)):
        return None
    text = heard.text
    for entity in sorted(heard.entities, key=lambda e: -e.get("start", 0)):
        if entity["entity"] in ("postcode", "number", "quantity") and "start" in entity:
            text = text[: entity["start"]] + " " + text[entity["end"] :]
    lone = Turn(turn.dispatcher, turn.tracker, turn.domain)
    lone.message = {**turn.message, "text": " ".join(text.replace(",", " ").split())}
    name = person(lone, {})
    words = {token.text for token in tokens(name or "")}
    return name if name and " " in name and not words & set(small_words()["nameless"]) else None


def digits_beside(text: str, name: str) -> str | None:
    """ "Lei Anderson, del 76192": five digits soon after a name are its postcode."""
    found = re.search(re.escape(name) + rf".{{1,{NEAR}}}?(?<!\d)(\d{{5}})(?!\d)", text)
    return found[1] if found else None


def written_as_name(heard: Heard) -> str | None:
    """Two or three capitalised words in a row, the nearest ones to the postcode."""
    code = next((e for e in heard.all("postcode") if "start" in e), None)
    if code is None:
        return None
    names = list(NAME.finditer(heard.text))
    near = [m for m in names if 0 <= code["start"] - m.end() <= NEAR]
    return near[-1].group() if near else None


def missing(known: Known) -> str | None:
    """The slot to ask for next."""
    who = known["identify_who"]
    if not who:
        return "identify_who"
    alone = "@" in who and not policy().identity.order_number_with_email
    return None if known["identify_proof"] or alone else "identify_proof"


def ask(turn: Turn, slot: str, known: Known) -> None:
    if slot == "identify_proof":
        by_mail = "@" in (known["identify_who"] or "")
        turn.say("utter_question_order_number" if by_mail else "utter_question_postcode")
    else:
        turn.say("utter_question_who")


async def identify(turn: Turn, known: Known) -> None:
    """Raises NotFound and Refused as shop.identity does."""
    who, proof = known["identify_who"] or "", known["identify_proof"] or ""
    if "@" in who:
        await identity.identify(turn.conversation, email=who, order_number=proof)
    else:
        await identity.identify(turn.conversation, name=who, postcode=proof)


async def needs_code(turn: Turn, kind: str) -> bool:
    wanted = kind in policy().identity.code_for
    return wanted and not await codes.proved(turn.conversation)


async def send_code(turn: Turn, orders: Sequence[Order]) -> None:
    """Says the same whether or not a mail could be sent. Raises Refused(code_too_often)."""
    shopper = await identity.shopper(turn.conversation) or await buyer(orders)
    await codes.send_code(turn.conversation, shopper, turn.language)
    turn.say("utter_code_sent", minutes=policy().identity.code_minutes)


async def buyer(orders: Sequence[Order]) -> Shopper | None:
    """Who ordered in this conversation and was not identified since: their code goes to the e-mail
    of the newest order."""
    try:
        return await connect("commerce").find_shopper(
            email=orders[0].email, order_number=orders[0].number
        )
    except (IndexError, NotFound):
        return None


async def check_code(turn: Turn) -> str | None:
    """ "" for the right code, else why not (code_wrong, code_expired); None where the message holds
    none. Raises Refused(code_too_many)."""
    found = CODE.search(turn.text)
    if found is None or turn.tapped:
        return None
    try:
        await codes.check_code(turn.conversation, "".join(found.groups()))
    except Refused as refusal:
        if refusal.reason == "code_too_many":
            raise
        turn.say(f"utter_proof_{refusal.reason}", **refusal.details)
        return refusal.reason
    return ""
