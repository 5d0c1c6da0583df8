from __future__ import annotations

from tests.peers.remote_contract import RemoteAfterSaleContract, RemoteContract
from tests.shop.contract import CommerceContract


class TestMedusa(CommerceContract):
    pass


class TestMedusaAfterSale(RemoteAfterSaleContract):
    pass


class TestMedusaElsewhere(RemoteContract):
    pass
