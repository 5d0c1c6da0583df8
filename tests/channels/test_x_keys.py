"""X Chat: the keys of people and conversations, which X gives."""

import asyncio

import pytest

from channels import x_chat
from channels.guard import Refused
from channels.receive import events
from tests.channels.fake_platform import Platform, Reaction
from tests.channels.test_x_chat import CHANGE, PHONE, PLACE, US, ours, webhook
from tests.channels.x_phone import BOT, PERSON, Phone


def test_the_keys_of_a_new_person_are_asked_for_once() -> None:
    published = [Reaction(body={"data": [phone.published]}) for phone in (US, PHONE)]

    async def scenario(platform: Platform, script: list[Reaction]) -> None:
        platform.script = list(script)
        made = ours(api=platform.url)
        event, ident = PHONE.write("hi")
        for change in (CHANGE, None):
            await made.prepare(webhook(event, change))
            assert [found.id for found in events(made, webhook(event, change))] == [ident]
        thief = Phone(PERSON)
        forged, (stolen, _) = thief.begin(US), thief.write("hi") if thief.key else ("", "")
        await made.prepare(webhook(stolen, forged))
        assert events(made, webhook(stolen, forged)) == []

    with Platform() as platform:
        asyncio.run(scenario(platform, published))
        fields = f"public_keys?public_key.fields={x_chat.FIELDS}"
        assert [heard.path for heard in platform.heard] == [
            f"/2/users/{BOT}/{fields}", f"/2/users/{PERSON}/{fields}",
        ]  # fmt: skip


def test_the_key_of_a_conversation_is_asked_for_if_it_did_not_come() -> None:
    async def scenario(platform: Platform) -> None:
        platform.usual = Reaction(body={"meta": {"conversation_key_events": [CHANGE]}})
        made = ours(US, PHONE, api=platform.url)
        event, ident = PHONE.write("hi")
        await made.prepare(webhook(event, None))
        (found,) = events(made, webhook(event, None))
        assert (found.id, found.to["keys"]) == (ident, CHANGE)

    with Platform() as platform:
        asyncio.run(scenario(platform))
        assert [heard.path for heard in platform.heard] == [PLACE + "events?max_results=1"]


@pytest.mark.parametrize("reaction", [Reaction(500), Reaction(429), Reaction(drop=True)])
def test_without_the_keys_x_is_asked_to_send_it_again(reaction: Reaction) -> None:
    async def scenario(platform: Platform) -> None:
        platform.script = [reaction] * 2
        event, _ = PHONE.write("hi")
        with pytest.raises(Refused) as refused:
            await ours(api=platform.url).prepare(webhook(event))
        assert refused.value.status == 503

    with Platform({"data": []}) as platform:
        asyncio.run(scenario(platform))


@pytest.mark.parametrize("body", [b"", b"[]", b'{"data": 1}', b'{"data": {"payload": {}}}'])
def test_nothing_is_asked_for_what_is_no_message(body: bytes) -> None:
    asyncio.run(ours(api="http://127.0.0.1:9").prepare(body))


def test_a_stumble_is_overcome_at_once() -> None:
    async def scenario(platform: Platform) -> None:
        published = [Reaction(body={"data": [phone.published]}) for phone in (US, PHONE)]
        platform.script = [published[0], Reaction(503), published[1]]
        made = ours(api=platform.url)
        event, ident = PHONE.write("hi")
        await made.prepare(webhook(event))
        assert [found.id for found in events(made, webhook(event))] == [ident]

    with Platform() as platform:
        asyncio.run(scenario(platform))
