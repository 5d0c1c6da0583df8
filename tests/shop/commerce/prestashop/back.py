"""What the people of a PrestaShop do in its back office, and the filling of a new one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from shop.catalogue import NewPrice, NewProduct, NewVariant
from shop.policy import policy
from tests.shop.commerce.doubles import demo_products, labels
from tests.shop.commerce.prestashop.server import LANGUAGES, Row
from tests.shop.commerce.prestashop.shop import (
    CANCELLED,
    DELIVERED,
    PAID,
    PREPARATION,
    REMOTE,
    SHIPPED,
    WAITING,
    ZONE,
    PrestaShop,
    history,
    moment,
)

CURRENCIES = {"PLN": ("1", "PL", 1), "EUR": ("2", "ES", Decimal("0.25"))}
COUNTRIES = {"PL": ("1", "23"), "ES": ("2", "21"), "IE": ("3", "23")}  # zone, tax
OFFICE = {"courier_pl": "DPD", "locker_pl": "InPost"}  # carriers that are called otherwise there
LOWEST = "Lowest price of 30 days"
STATES = {1: "", WAITING: "", PAID: "paid", REMOTE: "paid", PREPARATION: "paid", 7: "", 8: ""}
STATES |= {SHIPPED: "paid shipped", DELIVERED: "paid shipped", CANCELLED: ""}
SETTINGS = {
    "PS_OS_WS_PAYMENT": WAITING,
    "PS_OS_PAYMENT": PAID,
    "PS_OS_PREPARATION": PREPARATION,
    "PS_OS_SHIPPING": SHIPPED,
    "PS_OS_DELIVERED": DELIVERED,
    "PS_OS_CANCELED": CANCELLED,
    "PS_OS_REFUND": 7,
    "PS_OS_ERROR": 8,
    "PS_COUNTRY_DEFAULT": 1,
    "PS_CURRENCY_DEFAULT": 1,
    "PS_GUEST_GROUP": 2,
    "PS_LANG_DEFAULT": 1,
    "PS_ORDER_OUT_OF_STOCK": 0,
    "PS_SHIPPING_FREE_PRICE": 0,
    "PS_SHIPPING_HANDLING": 5,
    "PS_SHIPPING_METHOD": 0,
    "PS_STOCK_MANAGEMENT": 1,
    "PS_TIMEZONE": ZONE,
}


class BackOffice:
    def __init__(self, shop: PrestaShop) -> None:
        self.shop = shop
        self.known: dict[tuple[str, str], int] = {}  # resource and our name -> its id
        self.words = {facet: labels(facet) for facet in ("category", "colour", "material")}
        self.words |= {f: labels(f) for f in ("audience", "feature", "purpose", "brand", "axis")}
        self.settings()
        for method in policy().delivery:
            self.carrier(method.id, method.price["PLN"], method.countries)
        for product in demo_products():
            self.product(product)

    def settings(self) -> None:
        tables = self.shop.tables
        for name, value in SETTINGS.items():
            self.shop.insert("configurations", {"name": name, "value": str(value)})
        for id_, flags in STATES.items():
            row = {flag: str(int(flag in flags.split())) for flag in ("paid", "shipped")}
            tables["order_states"][id_] = {"id": id_, **row, "logable": row["paid"]}
        for number, code in LANGUAGES.items():
            tables["languages"][int(number)] = {"id": int(number), "iso_code": code, "active": "1"}
        for code, (number, _, rate) in CURRENCIES.items():
            row = {"iso_code": code, "conversion_rate": f"{rate:.6f}", "active": "1"}
            tables["currencies"][int(number)] = {"id": int(number), **row}
        for n, (code, (zone, rate)) in enumerate(COUNTRIES.items(), 1):
            country = {"id": n, "iso_code": code, "id_zone": zone, "active": "1"}
            tables["countries"][n] = country
            tax = self.shop.insert("taxes", {"rate": f"{rate}.000"})["id"]
            rule = {"id_tax_rules_group": "1", "id_country": str(n), "id_state": "0"}
            self.shop.insert("tax_rules", {**rule, "id_tax": str(tax), "zipcode_from": "0"})
        self.shop.insert("contacts", {"email": "shop@example.org"})

    def carrier(self, method: str, gross: int, countries: tuple[str, ...]) -> None:
        flags = dict.fromkeys(("deleted", "is_free", "shipping_external"), "0")
        flags |= dict.fromkeys(("shipping_handling", "range_behavior"), "0")
        name, url = OFFICE.get(method, method), "https://parcels.example/@"
        row = {"name": name, "url": url, "active": "1", "shipping_method": "2"}
        made = self.shop.insert("carriers", {**row, **flags, "id_tax_rules_group": "1"})["id"]
        step = {"id_carrier": str(made), "delimiter1": "0.000000", "delimiter2": "99999.000000"}
        range_ = self.shop.insert("price_ranges", step)["id"]
        for country in set(countries) & set(COUNTRIES):
            zone, rate = COUNTRIES[country]
            price = {"id_zone": zone, "price": f"{net(gross, rate):.6f}", "id_range_weight": "0"}
            ids = {"id_carrier": str(made), "id_range_price": str(range_)}
            self.shop.insert("deliveries", {**price, **ids})

    def product(self, product: NewProduct) -> dict[str, str]:
        with self.shop.lock:
            features = [
                self.feature(facet, id_) for facet, ids in product.facets.items() for id_ in ids
            ]
            price = product.variants[0].prices["PLN"]
            if price.lowest_30d:
                features.append(self.lowest(price.lowest_30d))
            brand = (
                self.named("manufacturers", product.brand, {"name": "Halny"})
                if product.brand
                else 0
            )
            made = self.shop.insert(
                "products",
                {
                    "active": "1",
                    "available_for_order": "1",
                    "id_category_default": str(self.category(product.category)),
                    "id_manufacturer": str(brand),
                    "id_default_image": "",
                    "weight": "0.500000",
                    "additional_shipping_cost": "0.000000",
                    "date_add": moment(),
                    "name": texts({w: t[0] for w, t in product.texts.items()}),
                    "description": texts({w: f"<p>{t[1]}</p>" for w, t in product.texts.items()}),
                    "description_short": {},
                    "link_rewrite": texts({w: f"{product.id}-{w}" for w in product.texts}),
                    "associations": {"product_features": features},
                },
            )["id"]
            return {v.id: self.variant(made, v) for v in product.variants}

    def variant(self, product: int, variant: NewVariant) -> str:
        values = [{"id": self.option(axis, value)} for axis, value in variant.options.items()]
        combination = 0
        if values:
            row = {"id_product": str(product), "weight": "0.000000"}
            groups = {"product_option_values": values}
            combination = self.shop.insert("combinations", {**row, "associations": groups})["id"]
        stock = {"id_product": str(product), "id_product_attribute": str(combination)}
        flags = {"depends_on_stock": "0", "out_of_stock": "2", "id_shop": "1"}
        self.shop.insert("stock_availables", {**stock, **flags, "quantity": str(variant.stock)})
        for code, price in variant.prices.items():
            self.cost(product, combination, code, price)
        return f"{product}-{combination}"

    def cost(self, product: int, combination: int, code: str, price: NewPrice) -> None:
        number, country, _ = CURRENCIES[code]
        rate = COUNTRIES[country][1]
        sale = net(price.sale, rate) if price.sale else None
        self.shop.nets[product, combination, number] = (net(price.regular, rate), sale)

    def category(self, id_: str) -> int:
        said = self.words["category"].get(id_, dict.fromkeys(LANGUAGES.values(), id_))
        slugs = texts(dict.fromkeys(LANGUAGES.values(), id_))
        return self.named("categories", id_, {"name": texts(said), "link_rewrite": slugs})

    def option(self, axis: str, value: str) -> int:
        said = self.words["axis"].get(axis) or dict.fromkeys(LANGUAGES.values(), axis)
        flag = {"is_color_group": str(int(axis == "colour")), "group_type": "select"}
        names = {"name": texts({**said, "en": axis.title()}), "public_name": texts(said)}
        group = self.named("product_options", axis, {**flag, **names})
        named = self.words["colour"].get(value) if axis == "colour" else None
        named = named or dict.fromkeys(LANGUAGES.values(), value)
        row = {"id_attribute_group": str(group), "name": texts(named)}
        return self.named("product_option_values", f"{axis}/{value}", row)

    def feature(self, facet: str, id_: str) -> Row:
        group = {"name": texts(dict.fromkeys(LANGUAGES.values(), facet.title()))}
        feature = self.named("product_features", facet, group)
        row = {"id_feature": str(feature), "value": texts(self.words[facet][id_])}
        value = self.named("product_feature_values", f"{facet}/{id_}", row)
        return {"id": feature, "id_feature_value": str(value)}

    def lowest(self, minor: int) -> Row:
        name = {"name": texts(dict.fromkeys(LANGUAGES.values(), LOWEST))}
        feature = self.named("product_features", LOWEST, name)
        value = f"{minor // 100},{minor % 100:02}"
        said = texts(dict.fromkeys(LANGUAGES.values(), value))
        row = {"id_feature": str(feature), "custom": "1", "value": said}
        made = self.shop.insert("product_feature_values", row)
        return {"id": feature, "id_feature_value": str(made["id"])}

    def named(self, resource: str, name: str, row: Row) -> int:
        """One of each."""
        if (resource, name) not in self.known:
            self.known[resource, name] = int(self.shop.insert(resource, row)["id"])
        return self.known[resource, name]

    def promotion(self, code: str, percent: int, minimum: int = 0, **other: Any) -> None:
        flags = ("country", "carrier", "group", "cart_rule", "product", "shop")
        row = {
            **{f"{flag}_restriction": "0" for flag in flags},
            **dict.fromkeys(("id_customer", "gift_product", "gift_product_attribute"), "0"),
            **dict.fromkeys(("free_shipping", "reduction_product", "highlight"), "0"),
            **dict.fromkeys(("reduction_exclude_special", "minimum_amount_shipping"), "0"),
            "date_from": "2020-01-01 00:00:00",
            "date_to": "2099-01-01 00:00:00",
            "quantity": "100",
            "quantity_per_user": "1",
            "priority": "1",
            "partial_use": "1",
            "code": code,
            "minimum_amount": f"{minimum / 100:.6f}",
            "minimum_amount_tax": "1",
            "minimum_amount_currency": "1",
            "reduction_percent": f"{percent:.2f}",
            "reduction_amount": "0.000000",
            "reduction_tax": "1",
            "reduction_currency": "0",
            "active": "1",
            "name": texts(dict.fromkeys(LANGUAGES.values(), code)),
            **other,
        }
        with self.shop.lock:
            self.shop.insert("cart_rules", row)

    def customer(self, name: str, email: str) -> None:
        first, _, last = name.rpartition(" ")
        row = {"firstname": first, "lastname": last, "email": email, "passwd": "$2y$10$abcdef"}
        key = {"secure_key": "0" * 32, "is_guest": "0", "active": "1", "birthday": "0000-00-00"}
        with self.shop.lock:
            self.shop.insert("customers", {**row, **key})

    def order(self, number: str) -> Row:
        return self.shop.tables["orders"][int(number)]

    def ship(self, number: str, code: str = "", to: str = "Delivered") -> None:
        with self.shop.lock:
            order = self.order(number)
            for state in (SHIPPED, DELIVERED)[: 1 if to == "Shipped" else 2]:
                self.shop.change_state(order, state, True)
                self.shop.insert("order_histories", history(order, str(state)))
            (parcel,) = self.shop.where("order_carriers", id_order=number)
            parcel["tracking_number"] = code

    def adopt(self, number: str, email: str) -> None:
        """The order is that of the customer with the account: they were signed in."""
        (customer,) = self.shop.where("customers", email=email, is_guest="0")
        self.order(number)["id_customer"] = str(customer["id"])

    def cost_now(self, variant: str, minor: int) -> None:
        product, _, combination = variant.partition("-")
        self.cost(int(product), int(combination), "PLN", NewPrice(minor))

    def stock(self, variant: str) -> Row:
        product, _, combination = variant.partition("-")
        ids = {"id_product": product, "id_product_attribute": combination}
        return self.shop.where("stock_availables", **ids)[0]


def net(gross: int, rate: str) -> Decimal:
    return (Decimal(gross) / 100 / (1 + Decimal(rate) / 100)).quantize(Decimal("0.000001"))


def texts(said: dict[str, str]) -> dict[str, str]:
    return {number: said.get(code) or said["en"] for number, code in LANGUAGES.items()}


def cents(amount: str) -> int:
    return int(Decimal(amount) * 100)


def slips(office: BackOffice, number: str) -> list[int]:
    """What was paid back of an order at PrestaShop."""
    rows = office.shop.where("order_slip", id_order=number)
    return [cents(row["total_products_tax_incl"]) for row in rows]
