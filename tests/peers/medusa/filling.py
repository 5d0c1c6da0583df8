"""The setting up of a new Medusa shop: regions, delivery, keys, products of the demo shop."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable
from functools import cache
from itertools import islice
from typing import Any

from shop.catalogue import NewProduct, Term
from shop.demo import catalogue
from shop.policy import Delivery, policy

LOCALES = {"pl": "pl-PL", "es": "es-ES"}
REGIONS = {"PLN": ["pl"], "EUR": ["es", "ie"]}
PRODUCTS = 24  # of the demo shop: whole categories, some of them reduced
Row = tuple[str, str, str, dict[str, str]]  # entity, its id, language, texts


@cache
def terms() -> dict[tuple[str, str], Term]:
    return {(term.facet, term.id): term for term in catalogue.terms()}


class Filling(ABC):
    """What a new shop needs; see `Admin`, which talks to it."""

    channel = location = profile = ""

    @abstractmethod
    def ask(self, method: str, path: str, body: Any = None, **query: Any) -> Any: ...

    @abstractmethod
    def log_in(self) -> None: ...

    @abstractmethod
    def product(self, product: NewProduct) -> dict[str, str]: ...

    def fill(self) -> None:
        self.log_in()
        self._store()
        self._place()
        for delivery in policy().delivery:
            self._delivery(delivery)
        key = self.ask("POST", "/api-keys", {"title": "assistant", "type": "publishable"})
        path = f"/api-keys/{key['api_key']['id']}/sales-channels"
        self.ask("POST", path, {"add": [self.channel]})
        for product in islice(catalogue.products(), PRODUCTS):
            self.product(product)

    def _recall(self) -> None:
        """The ids of what a filled shop has one of."""
        self.channel = self.ask("GET", "/sales-channels")["sales_channels"][0]["id"]
        self.location = self.ask("GET", "/stock-locations")["stock_locations"][0]["id"]
        self.profile = self.ask("GET", "/shipping-profiles")["shipping_profiles"][0]["id"]

    def _store(self) -> None:
        store = self.ask("GET", "/stores")["stores"][0]["id"]
        money = [
            {"currency_code": c.lower(), "is_default": not n, "is_tax_inclusive": True}
            for n, c in enumerate(REGIONS)
        ]
        spoken = [{"locale_code": code} for code in LOCALES.values()]
        data = {"supported_currencies": money, "supported_locales": spoken}
        self.ask("POST", f"/stores/{store}", data)
        for currency, countries in REGIONS.items():
            region = {"name": currency, "currency_code": currency.lower(), "countries": countries}
            paid = {"payment_providers": ["pp_system_default"], "is_tax_inclusive": True}
            self.ask("POST", "/regions", {**region, **paid})
            for country in countries:
                rate = {"rate": 23, "code": country, "name": country}
                tax = {"country_code": country, "provider_id": "tp_system"}
                self.ask("POST", "/tax-regions", {**tax, "default_tax_rate": rate})

    def _place(self) -> None:
        self.channel = self.ask("GET", "/sales-channels")["sales_channels"][0]["id"]
        where = {"name": "Kraków", "address": {"address_1": "-", "country_code": "pl"}}
        made = self.ask("POST", "/stock-locations", where)
        self.location = made["stock_location"]["id"]
        path = f"/stock-locations/{self.location}"
        self.ask("POST", f"{path}/sales-channels", {"add": [self.channel]})
        self.ask("POST", f"{path}/fulfillment-providers", {"add": ["manual_manual"]})
        profile = {"name": "default", "type": "default"}
        known = self.ask("GET", "/shipping-profiles")["shipping_profiles"]
        made = known[0] if known else self._made("/shipping-profiles", profile, "shipping_profile")
        self.profile = made["id"]
        fields = {"fields": "*fulfillment_sets"}
        there = {"name": "shipping", "type": "shipping"}
        made = self.ask("POST", f"{path}/fulfillment-sets", there, **fields)
        self._set = made["stock_location"]["fulfillment_sets"][0]["id"]

    def _delivery(self, delivery: Delivery) -> None:
        ours = [c for countries in REGIONS.values() for c in countries]
        zones = [c.lower() for c in delivery.countries if c.lower() in ours]
        countries = [{"type": "country", "country_code": c} for c in zones]
        path = f"/fulfillment-sets/{self._set}/service-zones"
        zone = {"name": delivery.id, "geo_zones": countries}
        made = self.ask("POST", path, zone, fields="*service_zones")["fulfillment_set"]
        id_ = next(one["id"] for one in made["service_zones"] if one["name"] == delivery.id)
        rates = [
            {"currency_code": c.lower(), "amount": minor / 100}
            for c, minor in delivery.price.items()
        ]
        data = {
            "name": delivery.carrier,
            "service_zone_id": id_,
            "shipping_profile_id": self.profile,
            "provider_id": "manual_manual",
            "price_type": "flat",
            "type": {"label": delivery.id, "description": delivery.id, "code": delivery.id},
            "prices": rates,
        }
        self.ask("POST", "/shipping-options", data)

    @cache  # noqa: B019 - there is one shop
    def category(self, id_: str) -> str:
        handle = id_.replace("_", "-")
        known = self.ask("GET", "/product-categories", handle=handle)["product_categories"]
        if known:
            return str(known[0]["id"])
        data = {"name": self.named("category", id_, "en"), "handle": handle, "is_active": True}
        made = self._made("/product-categories", data, "product_category")
        said = {w: {"name": self.named("category", id_, w)} for w in LOCALES}
        self.translate(("product_category", made["id"], w, texts) for w, texts in said.items())
        return str(made["id"])

    @cache  # noqa: B019 - there is one shop
    def tag(self, value: str) -> str:
        known = self.ask("GET", "/product-tags", value=value)["product_tags"]
        if known:
            return str(known[0]["id"])
        made = self._made("/product-tags", {"value": value}, "product_tag")
        facet, _, id_ = value.partition(":")
        said = {w: {"value": self.named(facet, id_, w)} for w in LOCALES}
        self.translate(("product_tag", made["id"], w, texts) for w, texts in said.items())
        return str(made["id"])

    def translate(self, rows: Iterable[Row]) -> None:
        create = [
            {
                "reference": entity,
                "reference_id": id_,
                "locale_code": LOCALES[language],
                "translations": texts,
            }
            for entity, id_, language, texts in rows
        ]
        self.ask("POST", "/translations/batch", {"create": create})

    def named(self, facet: str, id_: str, language: str) -> str:
        term = terms().get((facet, id_))
        return term.names[language][0] if term else id_

    def spoken(self, axis: str, value: str, language: str) -> str:
        """A colour has names; a size is its own."""
        return self.named("colour", value, language) if axis == "colour" else value

    def colour_in(self, english: str, language: str) -> str:
        same = (t for t in terms().values() if t.facet == "colour" and t.names["en"][0] == english)
        term = next(same, None)
        return term.names[language][0] if term else english

    def _made(self, path: str, data: dict[str, Any], name: str) -> dict[str, Any]:
        return dict(self.ask("POST", path, data)[name])
