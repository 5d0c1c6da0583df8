"""The shopper's own data: told and changed."""

from __future__ import annotations

from dataclasses import asdict

from actions.aftersale.context import Context
from actions.aftersale.kind import Entry, Kind, log
from actions.aftersale.model import Request
from actions.aftersale.money import method_words
from actions.aftersale.places import WhichProfile
from actions.orders.change import address_line
from actions.turn import choice, said
from shop import connect, identity
from shop.model import Address, NotFound, Shopper


class MyAccount(Kind):
    name = "account"
    intents = frozenset({"my_account"})
    writes = False
    personal = True

    async def perform(self, context: Context, request: Request, values: Entry) -> Entry | None:
        shopper = known(context)
        methods = await connect("commerce").payment_methods(shopper.id, context.turn.locale)
        context.turn.say(
            "utter_account",
            name=shopper.name,
            email=shopper.email,
            phone=shopper.phone or "-",
            address=address_line(asdict(shopper.address)) if shopper.address else "-",
            methods=[method_words(method) for method in methods],
            kept="yes" if methods else "no",
            orders=len(context.orders),
            choices=[
                choice(said("utter_name_intent_track_order"), "track_order"),
                choice(said("utter_name_intent_change_profile"), "change_profile"),
            ],
        )
        return None


class ChangeProfile(Kind):
    name = "change_profile"
    intents = frozenset({"change_profile"})
    questions = (WhichProfile(),)
    personal = True

    async def values(self, context: Context, request: Request) -> Entry:
        new = dict(request.profile)
        if isinstance(new.get("address"), dict):
            new["address"] = address_line(new["address"])
        return {
            "changes": [said(f"utter_name_new_{kind}", value=value) for kind, value in new.items()]
        }

    async def perform(self, context: Context, request: Request, values: Entry) -> Entry | None:
        shopper = known(context)
        address = request.profile.get("address")
        changed = await connect("commerce").change_profile(
            shopper.id,
            request.id,
            email=request.profile.get("email"),
            phone=request.profile.get("phone"),
            address=Address(**address) if address else None,
        )
        await identity.remember(context.turn.conversation, changed)
        context.turn.say("utter_done_change_profile", **values)
        await log(context, "profile_changed", request.id)
        return {}


def known(context: Context) -> Shopper:
    if context.shopper is None:
        raise NotFound("shopper")
    return context.shopper
