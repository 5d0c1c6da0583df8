"""The shopper's own data are told to the shopper, and changed with the code from the mail."""

from pathlib import Path
from typing import Any

import pytest

from tests.actions.conftest import mailed_code


async def test_the_account_is_told_to_its_owner(shopper: Any, orders: Any) -> None:
    order = orders.take("shipped")
    await shopper.wishes("my_account", "moje dane")
    assert shopper.slots["requested_slot"] == "identify_who"
    (said,) = await shopper.wishes("inform", "x", email=order.email, order_number=order.number)
    assert (said["response"], said["email"]) == ("utter_account", order.email)


async def test_a_new_phone_needs_the_code_and_a_yes(
    shopper: Any, orders: Any, var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAR_DIR", str(var))
    order = orders.take("delivered")
    await shopper.is_known(order)
    await shopper.wishes("change_profile", "nowy telefon", phone="+48600700800")
    assert shopper.heard == ["utter_code_sent"]
    await shopper.wishes("inform", mailed_code(var))
    assert shopper.heard == ["utter_confirm_change_profile"]
    await shopper.wishes("affirm", "tak")
    assert shopper.heard == ["utter_done_change_profile"]
    await shopper.wishes("my_account", "moje dane")
    assert shopper.said[0]["phone"] == "+48600700800"


async def test_five_wrong_codes_end_it(
    shopper: Any, orders: Any, var: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VAR_DIR", str(var))
    order = orders.take("delivered")
    await shopper.is_known(order)
    await shopper.wishes("change_profile", "nowy telefon", phone="+48600700801")
    wrong = f"{(int(mailed_code(var)) + 1) % 1000000:06}"
    for _ in range(5):
        await shopper.wishes("inform", wrong)
    assert "utter_refused_code_too_many" in shopper.heard
    assert shopper.slots["requested_slot"] is None
