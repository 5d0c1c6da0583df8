"""The CRM's contract over a real BottleCRM."""

from __future__ import annotations

import pytest

from shop.crm.base import CRM
from shop.crm.bottlecrm import BottleCRM
from shop.crm.words import address
from tests.peers.bottlecrm.server import Running
from tests.shop.crm_contract import CRMContract


class TestBottleCRM(CRMContract):
    @pytest.fixture
    def crm(self, bottlecrm: Running) -> CRM:
        return BottleCRM(bottlecrm.url, bottlecrm.token)

    async def notes(self, crm: CRM, who: str) -> list[str]:
        assert isinstance(crm, BottleCRM)
        known = await crm.find(address(who))
        if known is None:
            return []
        listed = await crm._get("interactions", contact=known.id, limit=100)
        return [entry["body"] for entry in listed["interactions"]]

    async def leads(self, crm: CRM, who: str) -> list[str]:
        assert isinstance(crm, BottleCRM)
        known = await crm.find(address(who))
        return [lead["description"] for lead in await crm._leads(known.contact)] if known else []
