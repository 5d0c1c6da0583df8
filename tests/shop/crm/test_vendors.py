"""Every vendor's CRM, at its double: the contract, trouble, and what must not be told."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Iterator

import pytest

from shop.crm.base import CRM
from shop.crm.remote import RemoteCRM
from shop.model import Contact, DealStage, ShopError, Unavailable
from tests.shop.crm.doubles.base import CRMDouble
from tests.shop.crm_contract import CRMContract, deal_with, note_of, someone
from tests.shop.vendor import Asked, Said, Vendor


class TestVendors(CRMContract):
    @pytest.fixture
    def crm(self, remote: RemoteCRM, double: CRMDouble) -> CRM:
        self.double = double
        return remote

    async def notes(self, crm: CRM, who: str) -> list[str]:
        return self.double.notes(who)

    async def leads(self, crm: CRM, who: str) -> list[str]:
        return self.double.leads(who)


@pytest.mark.parametrize(
    "trouble",
    [Said(500), Said(403, {}), Said(200, b"<html>"), Said(200, {"no": "sense"}), Said(200, [])],
    ids=["500", "403", "html", "nonsense", "empty"],
)
async def test_trouble_of_the_vendor_is_unavailable(
    remote: RemoteCRM, vendor: Vendor, trouble: Said, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    who = someone()
    answer = vendor.answer
    vendor.answer = lambda asked: answer(asked) if "token" in asked.path else trouble
    with pytest.raises(Unavailable) as caught:
        await remote.save_deal(deal_with(who))
    assert who.split("@")[0] not in str(caught.value) + caplog.text


async def test_a_refusal_tells_nothing_of_the_person(
    remote: RemoteCRM, vendor: Vendor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    who, answer = someone(), vendor.answer
    refusal = {"message": f"{who} is wrong", "errorCode": "X"}
    reads = ("GET",)

    def refuse(asked: Asked) -> Said:
        searches = asked.path.endswith(("search", "search_read", "composite"))
        if asked.method in reads or searches or "token" in asked.path:
            return answer(asked)
        return Said(400, refusal)

    vendor.answer = refuse
    with pytest.raises(ShopError) as caught:
        await remote.save_contact(Contact(who))
    assert who.split("@")[0] not in str(caught.value) + caplog.text


async def test_every_write_can_be_cut_off_and_done_again(
    remote: RemoteCRM, double: CRMDouble, vendor: Vendor
) -> None:
    """Whichever answer gets lost, the repeat finishes the work and doubles nothing."""
    for lost in range(12):
        who, deal = someone(), deal_with(someone(), DealStage.WON)
        counts = itertools.count()

        def answer(asked: Asked, counts: Iterator[int] = counts, lost: int = lost) -> Said:
            said = double.answer(asked)
            return Said(200, said.bytes, cut=0) if next(counts) == lost else said

        vendor.answer = answer
        for _ in range(2):
            try:
                await remote.save_contact(Contact(who))
                await remote.log(note_of(who))
                await remote.save_deal(deal)
            except Unavailable:
                continue
        assert len(double.notes(who)) == 1
        assert await remote.purchases(deal.who) == (deal,)


@pytest.mark.parametrize("double", ["salesforce"], indirect=True)
async def test_more_than_an_answer_holds_is_erased_too(
    remote: RemoteCRM, double: CRMDouble, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(double, "page", 2)
    who = someone()
    await remote.save_contact(Contact(who))
    for number in range(5):
        await remote.log(note_of(who, str(number)))
    await remote.erase(who)
    assert double.of("Task") == double.of("Contact") == {}
