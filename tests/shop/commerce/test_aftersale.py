from __future__ import annotations

from tests.shop.aftersale_contract import AfterSaleContract


class TestDemoAfterSale(AfterSaleContract):
    pass
