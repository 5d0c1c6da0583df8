"""What every CRM must do: subclass the contract and give it a `crm`."""

from __future__ import annotations

import pytest

from shop.crm.base import CRM
from shop.model import Contact, NotFound


class CRMContract:
    async def test_known_values_are_kept_where_new_ones_are_empty(self, crm: CRM) -> None:
        first = Contact("Jan@Example.org", "Jan", "+48500", "pl", {"size": "M"})
        second = Contact("jan@example.org", consents={"newsletter": "Chcę dostawać oferty."})
        assert await crm.save_contact(first) == await crm.save_contact(second)
        saved = await crm.contact("JAN@example.org")
        assert (saved.name, saved.phone, saved.language) == ("Jan", "+48500", "pl")
        assert saved.preferences == {"size": "M"}
        assert saved.consents == {"newsletter": "Chcę dostawać oferty."}

    async def test_unknown_contact_is_not_found(self, crm: CRM) -> None:
        with pytest.raises(NotFound):
            await crm.contact("nobody@example.org")

    async def test_erased_contact_is_not_found(self, crm: CRM) -> None:
        await crm.save_contact(Contact("gone@example.org"))
        await crm.erase("gone@example.org")
        await crm.erase("gone@example.org")
        with pytest.raises(NotFound):
            await crm.contact("gone@example.org")
