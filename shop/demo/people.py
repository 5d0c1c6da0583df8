"""The demo shop's shoppers: reads shop/demo/people.yml."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from shop import text
from shop.commerce.orders import name_key
from shop.model import Address, Shopper

MAILBOXES = ("example.com", "example.org", "example.net")


def shoppers() -> Iterator[Shopper]:
    path = Path(__file__).with_name("people.yml")
    countries = yaml.safe_load(path.read_text(encoding="utf-8"))
    lines = [(line, country) for country, lines in countries.items() for line in lines]
    for number, (line, country) in enumerate(lines, 1):
        name, phone, street, postcode, city = line.split("; ")
        address = Address(name, street, postcode, city, country)
        yield Shopper(f"shopper-{number:02}", name, email(name, number), phone, address)


def email(name: str, number: int) -> str:
    given, family = name.split()[:2]
    box = MAILBOXES[(number - 1) % len(MAILBOXES)]
    return f"{text.key(given)}.{text.key(family)}@{box}"


def at_home(shopper: Shopper) -> Address:
    if shopper.address is None:
        raise ValueError(f"{shopper.id} has no address")
    return shopper.address


def shopper_rows() -> Iterator[dict[str, object]]:
    for shopper in shoppers():
        address = at_home(shopper)
        yield {
            "id": shopper.id,
            "name": shopper.name,
            "email": shopper.email,
            "phone": shopper.phone,
            "address": vars(address),
            "name_key": name_key(shopper.name),
            "postcode_key": text.key(address.postcode),
        }
