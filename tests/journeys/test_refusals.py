"""What must be refused is refused, in three languages, and nothing is written."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from bench.retail import ear
from tests.journeys.chat import Chat, Reply
from tests.journeys.system import System

Row = dict[str, Any]
FILE = Path(__file__).parent / "refusals" / "cases.yml"
CASES = yaml.safe_load(FILE.read_text(encoding="utf-8"))
CURRENCY = {"pl": "PLN", "es": "EUR", "en": "EUR"}
TABLES = ("orders", "order_lines", "transactions", "returns", "payment_methods", "shoppers")
MOST_ANSWERS = 8
YES = {"en": "yes", "pl": "tak", "es": "sí"}
REASON = {"en": "I don't need it", "pl": "nie potrzebuję tego", "es": "no lo necesito"}
ADDRESS = {
    "en": "5 Long Lane, 10115 Berlin",
    "pl": "Długa 5, 00-238 Warszawa",
    "es": "Mayor 5, 28013 Madrid",
}
RUNS = [(case, language) for case in CASES for language in CURRENCY]


@pytest.mark.parametrize(
    ("case", "language"), RUNS, ids=lambda part: part if isinstance(part, str) else part["case"]
)
def test_nothing_is_written(case: Row, language: str, system: System) -> None:
    with closing(sqlite3.connect(system.var / "shop.db", timeout=10)) as db:
        db.row_factory = sqlite3.Row
        facts = order_for(db, case, language)
        with arranged(db, case, facts):
            before = kept(db)
            caller = Caller(system, case, language, facts)
            for text in case[language]:
                caller.say(text)
            assert kept(db) == before, caller.transcript
    hears = set(case.get("hears") or caller.heard)
    assert hears & caller.heard, caller.transcript


@pytest.fixture(scope="module")
def hurried(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """A shop where a read-back is good for no time at all."""
    var = tmp_path_factory.mktemp("hurried")
    policy = var / "policy.yml"
    base = Path("shop/policy.yml").resolve()
    policy.write_text(f"extends: {base}\nafter_sale: {{confirm_minutes: 0}}\n", encoding="utf-8")
    running = System(var)
    running.env["SHOPKEEPER_POLICY"] = str(policy)
    running.start()
    try:
        running.wait()
        yield running
    finally:
        running.stop()


@pytest.mark.parametrize("language", CURRENCY)
def test_a_yes_that_comes_too_late_is_asked_for_again(language: str, hurried: System) -> None:
    case = next(case for case in CASES if case["case"] == "a no at the read-back")
    with closing(sqlite3.connect(hurried.var / "shop.db", timeout=10)) as db:
        db.row_factory = sqlite3.Row
        caller = Caller(hurried, case, language, order_for(db, case, language))
        before = kept(db)
        caller.say(case[language][0])
        time.sleep(2)
        caller.say(YES[language])
        assert kept(db) == before, caller.transcript
    assert "utter_confirm_again" in caller.heard, caller.transcript


class Caller:
    """Says a case's sentences and answers what is asked in between."""

    def __init__(self, system: System, case: Row, language: str, facts: Row) -> None:
        self.case, self.language, self.facts = case, language, facts
        self.chat = Chat(system.assistant, system.shop, language, CURRENCY[language])
        self.heard: set[str] = set()
        self.transcript: list[str] = []

    def say(self, text: str) -> None:
        question = self.take(text.format(**self.facts))
        for _ in range(MOST_ANSWERS):
            answer = self.answer(question)
            if answer is None:
                return
            question = self.take(answer)

    def take(self, text: str) -> str | None:
        reply: Reply = self.chat.say(text)
        self.transcript += [f"> {text}", f"< {reply.text}"]
        names = [ear.name_of(m["text"] or "", self.language) or "" for m in reply.messages]
        self.heard |= set(names)
        asked = [ear.asks(name) for name in names]
        return next((what for what in reversed(asked) if what), None)

    def answer(self, question: str | None) -> str | None:
        answers = {
            "who": self.facts["name" if self.case.get("by") else "email"],
            "number": self.facts["number"],
            "postcode": self.facts["postcode"],
        }
        if self.case.get("answers", True):
            answers |= {
                "reason": REASON[self.language],
                "items": self.facts["title"],
                "address": ADDRESS[self.language],
                "method": "paypal",
                "order": self.facts["number"],
            }
        if question == "who" and "utter_identify_unknown" in self.heard:
            return None
        if question == "confirm" and self.case.get("confirms", True):
            return YES[self.language]
        return answers.get(question or "")


def kept(db: sqlite3.Connection) -> dict[str, list[Any]]:
    """All that a write could have changed."""
    found = {
        table: [tuple(row) for row in db.execute(f"select * from {table}")] for table in TABLES
    }
    return {**found, "stock": [tuple(row) for row in db.execute("select id, stock from variants")]}


STATES = {"late": "delivered", "changed": "paid"}
ORDERS = """
    select o.number, o.email, s.id as shopper, s.name,
           json_extract(s.address, '$.postcode') as postcode, o.currency, o.delivered,
           l.product_id, l.variant_id, t.title
    from orders o join shoppers s on s.id = o.shopper_id
    join order_lines l on l.order_number = o.number and l.position = 0
    join product_texts t on t.product_id = l.product_id and t.language = ?
    join products p on p.id = l.product_id
    where o.state = ? and o.conversation is null and not o.items_changed
      and (o.delivered is null or o.delivered > strftime('%s', 'now', '-20 days'))
      and json_extract(p.axes, '$') like '%"size"%'
      and (select count(*) from order_lines m where m.order_number = o.number) = 1
      and (select count(*) from transactions x where x.order_number = o.number) < 2
    order by o.number"""


def order_for(db: sqlite3.Connection, case: Row, language: str) -> Row:
    """An order of the demo shop in the state that the case is about, and one of somebody else's."""
    state = STATES.get(case["order"], case["order"])
    own = dict(db.execute(ORDERS, (language, state)).fetchall()[0])
    theirs = "select number, email from orders where shopper_id != ? and state = 'paid' limit 1"
    other = db.execute(theirs, (own["shopper"],)).fetchone()
    own |= {"other": other["number"], **wanted(db, own)}
    email = {"theirs": other["email"]}.get(case.get("email", ""), case.get("email"))
    return {
        **own,
        "email": email or own["email"],
        "postcode": case.get("postcode", own["postcode"]),
    }


def wanted(db: sqlite3.Connection, own: Row) -> Row:
    """Another size of the same product, in stock: its name and variant."""
    size = "json_extract(options, '$.size')"
    other = f"""
        select v.id, {size} as size from variants v
        where product_id = ? and id != ? and stock > 0 and json_remove(options, '$.size') =
            (select json_remove(w.options, '$.size') from variants w where w.id = ?)"""
    row = db.execute(other, (own["product_id"], own["variant_id"], own["variant_id"])).fetchone()
    return {"wanted": row["size"] if row else "XXS", "wanted_id": row["id"] if row else ""}


@contextmanager
def arranged(db: sqlite3.Connection, case: Row, facts: Row) -> Iterator[None]:
    """What a case needs, and back."""
    changes = {
        "changed": ("orders", "items_changed", "number", facts["number"], True),
        "late": ("orders", "delivered", "number", facts["number"], int(time.time()) - 300 * 86400),
        "sold_out": ("variants", "stock", "id", facts["wanted_id"], 0),
    }
    wanted_ = [
        change for name, change in changes.items() if case["order"] == name or case.get(name)
    ]
    old = []
    for table, column, key, id_, value in wanted_:
        found = db.execute(f"select {column} from {table} where {key} = ?", (id_,)).fetchone()
        old.append((f"update {table} set {column} = ? where {key} = ?", (found[0], id_)))
        db.execute(f"update {table} set {column} = ? where {key} = ?", (value, id_))
    if "gift_card" in case:
        card = ("gift-card-for-a-test", facts["shopper"], 9, "gift_card", "", "", case["gift_card"])
        db.execute(
            "insert into payment_methods values (?, ?, ?, ?, ?, ?, ?, ?, true)",
            (*card, facts["currency"]),
        )
        old.append(("delete from payment_methods where id = ?", (card[0],)))
    db.commit()
    try:
        yield
    finally:
        for statement, values in old:
            db.execute(statement, values)
        db.commit()
