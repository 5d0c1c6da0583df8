from __future__ import annotations

from tests.shop.contract import CommerceContract


class TestVendure(CommerceContract):
    pass
