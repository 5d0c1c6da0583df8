from __future__ import annotations

from tests.peers.remote_contract import RemoteAfterSaleContract, RemoteContract
from tests.shop.contract import CommerceContract


class TestVendure(CommerceContract):
    pass


class TestVendureAfterSale(RemoteAfterSaleContract):
    pass


class TestVendureElsewhere(RemoteContract):
    pass
