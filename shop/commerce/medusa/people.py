"""Customers with an account at Medusa, whose phone and address are changed there as well. Their
e-mail is what they sign in with, which only they can change: a new one is kept here. A guest's
particulars are in their orders only.

https://docs.medusajs.com/api/admin#customers_postcustomersid
"""

from __future__ import annotations

from shop.commerce.medusa import sales
from shop.commerce.medusa.api import Api
from shop.model import Address, Shopper

MOST = 100  # addresses of one customer


class People:
    def __init__(self, api: Api) -> None:
        self.api = api

    async def change(self, account: str, before: Shopper, after: Shopper) -> None:
        """A repeat changes them to the same."""
        if after.phone and after.phone != before.phone:
            phone = {"phone": after.phone}
            await self.api.admin("POST", f"/customers/{account}", phone, again=True)
        if after.address and after.address != before.address:
            await self._address(account, after.address, after.phone)

    async def _address(self, account: str, address: Address, phone: str | None) -> None:
        """The one that is used for deliveries becomes this."""
        path = f"/customers/{account}/addresses"
        found = await self.api.admin("GET", path, limit=MOST, fields="+is_default_shipping")
        usual = [one["id"] for one in found["addresses"] if one["is_default_shipping"]]
        data = {**sales.from_address(address, None, phone), "is_default_shipping": True}
        await self.api.admin("POST", f"{path}/{usual[0]}" if usual else path, data)
