"""Customers with an account at Vendure, whose particulars are changed there as well. A guest's are
in their orders only: `updateCustomer` would change those of another one with the same e-mail."""

from __future__ import annotations

from typing import Any

from shop.commerce.vendure import sales
from shop.commerce.vendure.api import Api
from shop.model import Address, Refused, Shopper, Unavailable

UPDATE = """mutation Update($input: UpdateCustomerInput!) {
  answer: updateCustomer(input: $input) {
    __typename ... on Customer { id } ... on ErrorResult { errorCode } } }"""
ADDRESSES = """query Addresses($id: ID!) {
  answer: customer(id: $id) { addresses { id defaultShippingAddress } } }"""
ADD_ADDRESS = """mutation AddAddress($id: ID!, $input: CreateAddressInput!) {
  answer: createCustomerAddress(customerId: $id, input: $input) { id } }"""
UPDATE_ADDRESS = """mutation UpdateAddress($input: UpdateAddressInput!) {
  answer: updateCustomerAddress(input: $input) { id } }"""


class People:
    def __init__(self, api: Api) -> None:
        self.api = api

    async def change(self, account: str, before: Shopper, after: Shopper) -> None:
        wish: dict[str, Any] = {}
        if after.email != before.email:
            wish["emailAddress"] = after.email.strip().lower()
        if after.phone and after.phone != before.phone:
            wish["phoneNumber"] = after.phone
        if wish:
            answer = await self.api.admin(UPDATE, input={"id": account, **wish})
            if answer.get("errorCode") == "EMAIL_ADDRESS_CONFLICT_ERROR":
                raise Refused("email_taken")
            if code := answer.get("errorCode"):
                raise Unavailable(f"vendure: {code}")
        if after.address and after.address != before.address:
            await self._address(account, after.address)

    async def _address(self, account: str, address: Address) -> None:
        """The one that is used for deliveries becomes this; a repeat changes it to the same."""
        data = {**sales.from_address(address, None), "defaultShippingAddress": True}
        found = (await self.api.admin(ADDRESSES, id=account))["addresses"] or []
        usual = next((one["id"] for one in found if one["defaultShippingAddress"]), None)
        if usual:
            await self.api.admin(UPDATE_ADDRESS, input={"id": usual, **data})
        else:
            await self.api.admin(ADD_ADDRESS, id=account, input=data)
