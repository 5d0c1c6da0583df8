from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import update

from shop import connect, identity
from shop.commerce import profile
from shop.model import Locale, NotFound, Refused
from shop.policy import policy
from shop.store import Store
from shop.tables import identity_tries
from tests.shop.buying import HOME, ordered

ANNA = {"name": "Anna Nowak", "postcode": "00-238"}
JAN = {"name": "Jan Kowalski", "postcode": "31-123"}


async def test_nobody_is_known_at_first(connected: Store, conversation: str, pl: Locale) -> None:
    assert await identity.shopper(conversation) is None
    assert await identity.visible_orders(conversation, pl) == ()


async def test_an_identified_shopper_sees_own_orders_and_those_placed_here(
    connected: Store, conversation: str, pl: Locale
) -> None:
    here = await ordered(connect("commerce"), conversation, pl)
    anna = await identity.identify(conversation, **ANNA)
    own = await connect("commerce").orders(anna.id, pl)
    seen = await identity.visible_orders(conversation, pl)
    assert await identity.shopper(conversation) == anna
    assert {order.number for order in seen} == {here.number, *(order.number for order in own)}
    assert seen[0] == here
    assert await identity.visible_order(conversation, own[0].number, pl) == own[0]


async def test_anothers_order_is_as_unknown_as_one_that_is_not_there(
    connected: Store, conversation: str, pl: Locale
) -> None:
    jan = await connect("commerce").find_shopper(**JAN)
    other = (await connect("commerce").orders(jan.id, pl))[0]
    await identity.identify(conversation, **ANNA)
    for number in (other.number, "99999999"):
        with pytest.raises(NotFound) as refusal:
            await identity.visible_order(conversation, number, pl)
        assert str(refusal.value) == f"order {number}"


async def test_a_conversation_is_of_one_person(connected: Store, conversation: str) -> None:
    anna = await identity.identify(conversation, **ANNA)
    assert await identity.identify(conversation, **ANNA) == anna
    with pytest.raises(Refused) as refusal:
        await identity.identify(conversation, **JAN)
    assert refusal.value.reason == "other_person"
    assert await identity.shopper(conversation) == anna


async def test_an_email_alone_will_do_where_the_policy_says_so(
    connected: Store, conversation: str, pl: Locale, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A guest who ordered under the same e-mail is not taken for the owner of the account."""
    jan = await connect("commerce").find_shopper(**JAN)
    stranger = replace(HOME, name="Obca Osoba")
    guest = await ordered(connect("commerce"), conversation, pl, email=jan.email, address=stranger)
    assert guest.shopper_id != jan.id
    with pytest.raises(NotFound):
        await identity.identify(conversation, email=jan.email)
    terms = policy().identity.model_copy(update={"order_number_with_email": False})
    lax = policy().model_copy(update={"identity": terms})
    monkeypatch.setattr(profile, "policy", lambda: lax)
    assert await identity.identify(conversation, email=f" {jan.email.upper()} ") == jan
    with pytest.raises(NotFound):
        await identity.identify(f"{conversation}-2", email="nobody@example.org")


async def test_a_forgotten_shopper_is_unknown(connected: Store, conversation: str) -> None:
    await identity.identify(conversation, **ANNA)
    await identity.forget(conversation)
    assert await identity.shopper(conversation) is None
    await identity.identify(conversation, **JAN)


async def test_five_failures_an_hour_are_the_most(connected: Store, conversation: str) -> None:
    for _ in range(5):
        with pytest.raises(NotFound):
            await identity.identify(conversation, name="Anna Nowak", postcode="11-111")
    with pytest.raises(Refused) as refusal:
        await identity.identify(conversation, **ANNA)
    assert refusal.value.reason == "too_many_tries"
    assert await identity.shopper(conversation) is None
    await identity.identify(f"{conversation}-other", **ANNA)

    mine = identity_tries.c.conversation == conversation
    hour_ago = update(identity_tries).where(mine).values(at=identity_tries.c.at - 3601)
    await connected.write(lambda connection: connection.execute(hour_ago))
    assert (await identity.identify(conversation, **ANNA)).name == "Anna Nowak"
