from __future__ import annotations

from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from sqlalchemy import select, update

from shop import codes, connect, identity, mail
from shop.model import Locale, Refused, Shopper
from shop.policy import policy
from shop.store import Store
from shop.tables import codes as table
from shop.tables import identities

ANNA = {"name": "Anna Nowak", "postcode": "00-238"}
JAN = {"name": "Jan Kowalski", "postcode": "31-123"}
TRIES = policy().identity.code_tries


@pytest.fixture(autouse=True)
async def fresh(connected: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VAR_DIR", str(tmp_path))
    monkeypatch.delenv("SMTP_URL", raising=False)
    await connected.write(lambda c: c.execute(table.delete()))


def letters(folder: Path) -> list[Path]:
    return sorted((folder / "mail").glob("*.eml"))


def code_in(file: Path) -> str:
    return message_from_bytes(file.read_bytes(), policy=default)["subject"].split()[0]


async def sent(conversation: str, folder: Path, shopper: Shopper | None = None) -> str:
    shopper = shopper or await identity.identify(conversation, **ANNA)
    await codes.send_code(conversation, shopper, "pl")
    return code_in(letters(folder)[-1])


def other(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"


async def wrong(conversation: str, code: str) -> Refused:
    with pytest.raises(Refused) as refusal:
        await codes.check_code(conversation, code)
    assert not await codes.proved(conversation)
    return refusal.value


async def later(store: Store, seconds: int) -> None:
    await store.write(lambda c: c.execute(update(table).values(sent=table.c.sent - seconds)))


async def test_the_right_code_proves_the_conversation(
    connected: Store, conversation: str, tmp_path: Path
) -> None:
    code = await sent(conversation, tmp_path)
    assert not await codes.proved(conversation)
    await codes.check_code(conversation, f" {code[:3]}-{code[3:]} ")
    assert await codes.proved(conversation)
    await codes.check_code(conversation, code)  # the same message again
    assert not await codes.proved(f"{conversation}-other")
    await identity.forget(conversation)
    assert not await codes.proved(conversation)


async def test_a_code_makes_known_who_was_not(
    conversation: str, tmp_path: Path, connected: Store
) -> None:
    anna = await connect("commerce").find_shopper(**ANNA)
    code = await sent(conversation, tmp_path, anna)
    assert await identity.shopper(conversation) is None
    await codes.check_code(conversation, code)
    assert await identity.shopper(conversation) == anna


async def test_a_code_is_not_stored_as_it_is(
    conversation: str, tmp_path: Path, connected: Store
) -> None:
    code = await sent(conversation, tmp_path)
    rows = await connected.read(lambda c: c.execute(select(table)).all())
    assert len(rows) == 1
    assert code not in repr(rows[0])
    assert letters(tmp_path)[0].stat().st_mode & 0o077 == 0


async def test_five_tries_and_no_more(conversation: str, tmp_path: Path) -> None:
    code = await sent(conversation, tmp_path)
    for left in range(TRIES - 1, 0, -1):
        refusal = await wrong(conversation, other(code))
        assert (refusal.reason, refusal.details) == ("code_wrong", {"left": left})
    assert (await wrong(conversation, other(code))).reason == "code_too_many"
    assert (await wrong(conversation, code)).reason == "code_too_many"


async def test_a_new_code_replaces_the_old_one(conversation: str, tmp_path: Path) -> None:
    old = await sent(conversation, tmp_path)
    for _ in range(TRIES):
        await wrong(conversation, other(old))
    new = await sent(conversation, tmp_path)
    if old != new:
        assert (await wrong(conversation, old)).details == {"left": TRIES - 1}
    await codes.check_code(conversation, new)


async def test_a_code_holds_for_ten_minutes(
    conversation: str, tmp_path: Path, connected: Store
) -> None:
    code = await sent(conversation, tmp_path)
    await later(connected, policy().identity.code_minutes * 60)
    assert (await wrong(conversation, code)).reason == "code_expired"
    assert (await wrong(f"{conversation}-never", code)).reason == "code_expired"


async def test_codes_are_sent_a_few_times_an_hour(
    conversation: str, tmp_path: Path, connected: Store
) -> None:
    """To one shopper, from whatever conversations."""
    most = policy().identity.codes_an_hour
    for number in range(most):
        await sent(f"{conversation}-{number}", tmp_path)
    with pytest.raises(Refused) as refusal:
        await sent(conversation, tmp_path)
    assert refusal.value.reason == "code_too_often"
    assert len(letters(tmp_path)) == most
    jan = await connect("commerce").find_shopper(**JAN)
    await sent(f"{conversation}-jan", tmp_path, jan)
    await later(connected, 3600)
    await sent(conversation, tmp_path)


async def test_for_nobody_all_is_the_same_but_the_letter(
    conversation: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rehearsed = []

    async def rehearse() -> None:
        rehearsed.append(conversation)

    monkeypatch.setattr(mail, "rehearse", rehearse)
    most = policy().identity.codes_an_hour
    for _ in range(most):
        await codes.send_code(conversation, None, "pl")
    with pytest.raises(Refused) as refusal:
        await codes.send_code(conversation, None, "pl")
    assert refusal.value.reason == "code_too_often"
    assert len(rehearsed) == most
    assert letters(tmp_path) == []
    for left in range(TRIES - 1, 0, -1):
        assert (await wrong(conversation, "000000")).details == {"left": left}
    assert (await wrong(conversation, "000000")).reason == "code_too_many"


async def test_a_code_of_another_person_proves_nothing(
    conversation: str, tmp_path: Path, connected: Store
) -> None:
    await identity.identify(conversation, **JAN)
    anna = await connect("commerce").find_shopper(**ANNA)
    code = await sent(conversation, tmp_path, anna)
    assert (await wrong(conversation, code)).reason == "other_person"


async def test_a_changed_profile_is_known_in_every_conversation(
    conversation: str, connected: Store, pl: Locale
) -> None:
    shop = connect("commerce")
    anna = await identity.identify(conversation, **ANNA)
    await identity.identify(f"{conversation}-2", **ANNA)
    new = await shop.change_profile(anna.id, conversation, phone="+48500100200")
    assert await identity.shopper(conversation) == new
    assert await identity.shopper(f"{conversation}-2") == new
    await shop.change_profile(anna.id, f"{conversation}/back", phone=anna.phone)
    stale = update(identities).where(identities.c.conversation == conversation)
    await connected.write(lambda c: c.execute(stale.values(proved=1)))
    await identity.remember(conversation, new)
    assert await identity.shopper(conversation) == new
    assert await codes.proved(conversation)
