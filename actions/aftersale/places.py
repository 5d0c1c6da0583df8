"""Where to: a new address or collection point, and what changes in the profile."""

from __future__ import annotations

import re
from dataclasses import asdict

from actions.aftersale.context import Context
from actions.aftersale.model import Heard, Request
from actions.aftersale.orders import find, source_numbers
from actions.aftersale.question import Question
from actions.answers import POSTCODE, postcode
from actions.turn import choice, said
from shop.model import Address, Order

TOWN = re.compile(r"[\s,]*(?P<city>[^\W\d][^\d,.;!?]*?)(?:[,\s]+(?P<state>[A-Z]{2})\b|[,.;!?]|$)")
NUMBER_FIRST = frozenset({"US", "CA", "GB", "IE", "AU", "NZ", "FR", "LU"})  # "12 Elm Street"
COUNTRY = re.compile(r"(?i),?\s*\b(?:usa|united states)\b")
REGION = re.compile(r"\b([A-Z]{2})[,\s]+$")
LONGEST = 160
FIELDS = ("address", "email", "phone")


class WhichAddress(Question):
    """The shopper's own, another order's, or one that is typed in a line."""

    name = "address"

    async def read(self, context: Context, request: Request, heard: Heard, asked: bool) -> Request:
        order = context.order(request)
        if order is not None and order.delivery.to_point and order.point:
            return self.to_point(request, heard, asked)
        found = self.own(context, heard) or self.of_order(context, heard, order, asked)
        if found is None and heard.text:
            found = typed(
                without_numbers(context, heard), order.address if order else home(context)
            )
        return request.but(address=asdict(found)) if found else request

    def to_point(self, request: Request, heard: Heard, asked: bool) -> Request:
        text = heard.text.strip()
        return request.but(point=text) if asked and re.search(r"\d", text) else request

    def own(self, context: Context, heard: Heard) -> Address | None:
        return home(context) if "home" in heard.values("place") else None

    def of_order(
        self, context: Context, heard: Heard, order: Order | None, asked: bool
    ) -> Address | None:
        """ "Same as my other order", "like in #W123"."""
        for number in source_numbers(heard, asked):
            other = find(context, number)
            if other and other != order:
                return other.address
        if heard.refers("same"):
            others = {o.address: o for o in context.orders if order and o.address != order.address}
            return next(iter(others)) if len(others) == 1 else None
        return None

    async def open(self, context: Context, request: Request) -> bool:
        return request.address is None and request.point is None

    async def ask(self, context: Context, request: Request) -> None:
        order = context.order(request)
        if order is not None and order.delivery.to_point and order.point:
            context.turn.say("utter_which_point", point=order.point)
            return
        choices = []
        own = home(context)
        if order is not None and own and own != order.address:
            choices.append(choice(said("utter_name_home"), "inform", place="home"))
        context.turn.say("utter_which_address", choices=choices)


def without_numbers(context: Context, heard: Heard) -> str:
    """The words without the orders' numbers, which look like house numbers and postcodes."""
    text = heard.text
    for entity in heard.all("order_number"):
        if find(context, str(entity["value"])) is None:
            continue
        start, end = entity.get("start", 0), entity.get("end", 0)
        text = text[:start] + " " * (end - start) + text[end:]
    return text.replace("#", " ")


def home(context: Context) -> Address | None:
    return context.shopper.address if context.shopper else None


def typed(text: str, like: Address | None) -> Address | None:
    """ "ul. Długa 5/12, 00-238 Warszawa" or "12 Elm Street, Suite 4, Denver, CO 80279"; the name
    and the country, where not said, are those of `like`."""
    line = " ".join(text.split())[:LONGEST].strip(" .,!")
    country = like.country if like else ""
    for match in reversed(list(POSTCODE.finditer(line))):
        before, after = line[: match.start()], COUNTRY.split(line[match.end() :])[0]
        region = REGION.search(before)
        parts = [p.strip() for p in before[: region.start() if region else None].split(",")]
        parts = [part for part in parts if part]
        town = None if region else TOWN.match(after)
        city = town["city"] if town else (parts.pop() if parts else "")
        state = region[1] if region else (town["state"] if town else "") or ""
        street = ", ".join(from_first_number(parts, country in NUMBER_FIRST))
        if city and re.search(r"\d", street):
            name = like.name if like else ""
            return Address(name, street, postcode(match.group()), city, country, state)
    return None


def from_first_number(parts: list[str], number_first: bool) -> list[str]:
    """The street and what follows, without the words before: "please send it to 12 Elm Street"."""
    for place, part in enumerate(parts):
        if re.search(r"\d", part):
            return [street_of(part, number_first), *parts[place + 1 :]]
    return []


def street_of(part: str, number_first: bool) -> str:
    """ "12 Elm Street" of "send it to 12 Elm Street", "Lipowa 7" of "wyślijcie na Lipowa 7"."""
    if number_first:
        last = [match.start() for match in re.finditer(r"\d+[a-z]?\s+[^\W\d]", part)]
        return part[last[-1] :] if last else part
    to = re.search(r"(?:^|\s)(?:to|is|:|na|adres|a|es)[:\s]+(?=\S)", part, re.IGNORECASE)
    return part[to.end() :] if to else part


class WhichProfile(Question):
    """A new e-mail, phone or address for the account."""

    name = "profile"

    async def read(self, context: Context, request: Request, heard: Heard, asked: bool) -> Request:
        new = {kind: heard.value(kind) for kind in ("email", "phone") if heard.value(kind)}
        shopper = context.shopper
        new = {k: v for k, v in new.items() if shopper and getattr(shopper, k) != v}
        address = typed(heard.text, home(context)) if heard.text else None
        if address is not None:
            if not address.name and shopper:
                address = Address(**{**asdict(address), "name": shopper.name})
            new["address"] = asdict(address)
        fields = [f for f in heard.values("profile_field") if f in FIELDS]
        if new:
            return request.but(profile={**{k: v for k, v in request.profile.items() if v}, **new})
        return request.but(profile={fields[0]: None}) if fields and not request.profile else request

    async def open(self, context: Context, request: Request) -> bool:
        return not request.profile or None in request.profile.values()

    async def ask(self, context: Context, request: Request) -> None:
        for kind in request.profile:
            context.turn.say(f"utter_which_profile_{kind}")
            return
        choices = [
            choice(said(f"utter_name_profile_{kind}"), "inform", profile_field=kind)
            for kind in FIELDS
        ]
        context.turn.say("utter_which_profile", choices=choices)
