"""The shop's database read back into the shape of the set, and put back as it was before a task."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path
from typing import Any

from bench.retail.data import World, load, products

Row = dict[str, Any]
STATUS = {
    "paid": "pending",
    "packed": "processed",
    "return_requested": "return requested",
    "exchange_requested": "exchange requested",
}
OF_ORDER = ("order_lines", "transactions", "returns", "holds")
BRITISH = {"gray": "grey"}


class Database:
    """The running shop's SQLite file, and a copy of it from before all tasks."""

    def __init__(self, live: Path, pristine: Path) -> None:
        self.live, self.pristine = live, pristine

    def world(self, user_id: str) -> World:
        """What one shopper can touch, as it stands now."""
        with closing(sqlite3.connect(self.live, timeout=10)) as db:
            db.row_factory = sqlite3.Row
            db.execute("begin")
            (shopper,) = rows(db, "select * from shoppers where id = ?", user_id)
            methods = rows(db, "select * from payment_methods where shopper_id = ?", user_id)
            orders = rows(db, "select * from orders where shopper_id = ?", user_id)
            return {
                "users": {user_id: user(shopper, methods)},
                "orders": {row["number"]: order(db, row) for row in orders},
            }

    def restore(self, user_ids: Iterable[str]) -> None:
        with closing(self._both()) as db, db:
            db.execute("begin immediate")
            for user_id in user_ids:
                self._restore(db, user_id)

    def _restore(self, db: sqlite3.Connection, user_id: str) -> None:
        mine = "order_number in (select number from main.orders where shopper_id = ?)"
        theirs = "order_number in (select number from pristine.orders where shopper_id = ?)"
        for table in reversed(OF_ORDER):
            db.execute(f"delete from main.{table} where {mine}", (user_id,))
        for table in ("orders", "payment_methods"):
            db.execute(f"delete from main.{table} where shopper_id = ?", (user_id,))
        db.execute("delete from main.shoppers where id = ?", (user_id,))
        copy = "insert into main.{0} select * from pristine.{0} where {1}"
        db.execute(copy.format("shoppers", "id = ?"), (user_id,))
        for table in ("payment_methods", "orders"):
            db.execute(copy.format(table, "shopper_id = ?"), (user_id,))
        for table in OF_ORDER:
            db.execute(copy.format(table, theirs), (user_id,))
        stock = "select stock from pristine.variants p where p.id = main.variants.id"
        db.execute(f"update main.variants set stock = ({stock}) where stock != ({stock})")

    def others_touched(self, but: Iterable[str]) -> list[str]:
        """Shoppers, other than these, of whom anything at all is not as it was."""
        touched: set[str] = set()
        own = {"shoppers": "id", "payment_methods": "shopper_id", "orders": "shopper_id"}
        with closing(self._both()) as db:
            for table, column in own.items():
                for one, other in (("main", "pristine"), ("pristine", "main")):
                    differing = f"select * from {one}.{table} except select * from {other}.{table}"
                    touched |= {row[0] for row in db.execute(f"select {column} from ({differing})")}
            for table in OF_ORDER:
                for one, other in (("main", "pristine"), ("pristine", "main")):
                    differing = f"select * from {one}.{table} except select * from {other}.{table}"
                    numbers = f"select order_number from ({differing})"
                    owner = f"select shopper_id from main.orders where number in ({numbers})"
                    touched |= {row[0] for row in db.execute(owner)}
        return sorted(touched - set(but))

    def _both(self) -> sqlite3.Connection:
        db = sqlite3.connect(self.live, timeout=10, isolation_level=None)
        db.execute("attach ? as pristine", (str(self.pristine),))
        return db


def rows(db: sqlite3.Connection, query: str, *values: Any) -> list[Row]:
    return [dict(row) for row in db.execute(query, values)]


def user(shopper: Row, methods: list[Row]) -> Row:
    given, _, family = shopper["name"].partition(" ")
    return {
        "name": {"first_name": given, "last_name": family},
        "email": shopper["email"],
        "address": address(shopper["address"]),
        "payment_methods": {m["id"]: {"id": m["id"], "balance": m["balance"]} for m in methods},
    }


def address(stored: str) -> Row:
    entry = json.loads(stored)
    first, _, second = entry["street"].rpartition(", ")
    return {
        "address1": first,
        "address2": second,
        "city": entry["city"],
        "country": {"US": "USA"}.get(entry["country"], entry["country"]),
        "state": entry["region"],
        "zip": entry["postcode"],
    }


def order(db: sqlite3.Connection, row: Row) -> Row:
    number = row["number"]
    lines = rows(db, "select * from order_lines where order_number = ? order by position", number)
    money = rows(db, "select * from transactions where order_number = ? order by position", number)
    status = STATUS.get(row["state"], row["state"])
    found = {
        "status": f"{status} (item modified)" if row["items_changed"] else status,
        "address": address(row["address"]),
        "items": [item(line) for line in lines for _ in range(line["quantity"])],
        "payment_history": [
            {
                "transaction_type": "refund" if entry["refund"] else "payment",
                "amount": entry["amount"],
                "payment_method_id": entry["method_id"],
            }
            for entry in money
        ],
    }
    if row["cancel_reason"]:
        found["cancel_reason"] = row["cancel_reason"].replace("_", " ")
    of_order = "select * from returns where order_number = ? and state != 'withdrawn'"
    for sent in rows(db, of_order, number):
        found |= sent_back(sent, lines)
    return found


def item(line: Row) -> Row:
    """Its options are those of the set's item, if the shop has the same values."""
    known = products().get(line["product_id"], {}).get("variants", {}).get(line["variant_id"])
    stored = json.loads(line["options"])
    options = known["options"] if known else {}
    same = sorted(BRITISH.get(v, v) for v in options.values()) == sorted(stored.values())
    return {
        "product_id": line["product_id"],
        "item_id": line["variant_id"],
        "price": line["price"],
        "options": options if same else stored,
    }


def sent_back(row: Row, lines: list[Row]) -> Row:
    """A return or an exchange, as the set writes them on the order."""
    bought = {str(line["position"]): line["variant_id"] for line in lines}
    kind = row["kind"]
    if kind == "return":
        pieces = json.loads(row["quantities"]).items()
        return {
            "return_items": sorted(bought[id_] for id_, count in pieces for _ in range(count)),
            "return_payment_method_id": row["method_id"],
        }
    changes = json.loads(row["changes"])
    return {
        f"{kind}_items": sorted(bought[id_] for id_ in changes),
        f"{kind}_new_items": sorted(changes.values()),
        f"{kind}_payment_method_id": row["method_id"],
        f"{kind}_price_difference": row["amount"],
    }


def comparable(world: World) -> World:
    """A world of the set or of the shop with what both keep."""
    return {
        "users": {id_: comparable_user(user) for id_, user in world["users"].items()},
        "orders": {number: comparable_order(o) for number, o in world["orders"].items()},
    }


def comparable_user(user: Row) -> Row:
    balances = {id_: m.get("balance") for id_, m in user["payment_methods"].items()}
    return {**{name: user[name] for name in ("name", "email", "address")}, "balances": balances}


def comparable_order(order: Row) -> Row:
    left = ("order_id", "user_id", "fulfillments")
    items = [{k: v for k, v in item.items() if k != "name"} for item in order["items"]]
    return {**{k: v for k, v in order.items() if k not in left}, "items": items}


def pristine(user_id: str) -> World:
    orders = {n: o for n, o in load("orders").items() if o["user_id"] == user_id}
    return comparable({"users": {user_id: load("users")[user_id]}, "orders": orders})


def differences(expected: World, found: World) -> list[str]:
    """In words for the report: "#W1 status: cancelled, not pending"."""
    lines = []
    for part in ("users", "orders"):
        for name in sorted(set(expected[part]) | set(found[part])):
            want, got = expected[part].get(name, {}), found[part].get(name, {})
            for key in sorted(set(want) | set(got)):
                if want.get(key) != got.get(key):
                    lines.append(f"{name} {key}: {got.get(key)}, not {want.get(key)}")
    return lines
