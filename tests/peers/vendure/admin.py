"""What the people of a Vendure shop do in its back office, and the filling of a new one."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

import requests

from shop.catalogue import NewPrice, NewProduct, NewVariant, Term
from shop.commerce.remote.vendor import variant_id
from shop.demo import catalogue
from shop.policy import policy

TOKEN = "vendure-auth-token"
PRODUCTS = 24  # of the demo shop: whole categories, some of them reduced
FACETS = ("category", "colour", "brand", "material", "audience", "feature", "purpose")
WORDS = ("en", "pl", "es")


class Admin:
    def __init__(self, server: str) -> None:
        self.server, self._session = server, requests.Session()
        self.terms: dict[tuple[str, str], str] = {}  # facet and value -> Vendure's id
        self._tax = ""
        self._colours = {
            t.id: {w: t.names[w][0] for w in WORDS}
            for t in catalogue.terms()
            if t.facet == "colour"
        }

    def ready(self) -> bool:
        try:
            return self._session.get(f"{self.server}/health", timeout=2).ok
        except requests.RequestException:
            return False

    def log_in(self) -> None:
        self.ask(
            'mutation { a: login(username: "superadmin", password: "superadmin") { __typename } }'
        )
        self._tax = self.ask("{ a: taxCategories { items { id } } }")["items"][0]["id"]
        found = self.ask("{ a: facets { items { code values { id code } } } }")["items"]
        self.terms = {(f["code"], v["code"]): v["id"] for f in found for v in f["values"]}

    def ask(self, document: str, **variables: Any) -> Any:
        """The one field of the answer, called `a`."""
        body = {"query": document, "variables": variables}
        answer = self._session.post(f"{self.server}/admin-api", json=body, timeout=30)
        if token := answer.headers.get(TOKEN):
            self._session.headers["Authorization"] = f"Bearer {token}"
        content = answer.json()
        assert not content.get("errors"), content["errors"]
        found = content["data"]["a"]
        assert not (isinstance(found, dict) and found.get("errorCode")), found
        return found

    def fill(self) -> None:
        """Some products of the demo shop, its terms, and the delivery methods of the policy."""
        self.log_in()
        self.save_terms(catalogue.terms())
        self.log_in()
        for product in islice(catalogue.products(), PRODUCTS):
            self.product(product)
        for delivery in policy().delivery:
            self.delivery(delivery.id, delivery.price["PLN"])

    def save_terms(self, terms: Iterable[Term]) -> None:
        known = list(terms)
        for facet in FACETS:
            values = [
                {"code": t.id, "translations": named({w: t.names[w][0] for w in WORDS})}
                for t in known
                if t.facet == facet
            ]
            names = named(dict.fromkeys(WORDS, facet))
            data = {"code": facet, "isPrivate": False, "translations": names, "values": values}
            self.ask("mutation($i: CreateFacetInput!) { a: createFacet(input: $i) { id } }", i=data)

    def delivery(self, code: str, rate: int) -> None:
        arguments = {"rate": str(rate), "includesTax": "include", "taxRate": "0"}
        data = {
            "code": code,
            "fulfillmentHandler": "manual-fulfillment",
            "checker": operation("default-shipping-eligibility-checker", orderMinimum="0"),
            "calculator": operation("default-shipping-calculator", **arguments),
            "translations": [{"languageCode": "en", "name": code, "description": ""}],
        }
        self.ask(
            "mutation($i: CreateShippingMethodInput!) "
            "{ a: createShippingMethod(input: $i) { id } }",
            i=data,
        )

    def product(self, product: NewProduct) -> dict[str, str]:
        """Puts it on sale; returns our ids of its variants by the ids that they had."""
        texts = [
            {"languageCode": w, "name": t[0], "slug": f"{product.id}-{w}", "description": t[1]}
            for w, t in product.texts.items()
        ]
        named_facets = {
            "category": (product.category,),
            "brand": (product.brand,),
            **product.facets,
        }
        facets = [self.terms[f, i] for f, ids in named_facets.items() for i in ids]
        data = {"translations": texts, "facetValueIds": facets, "enabled": True}
        id_ = self.ask(
            "mutation($i: CreateProductInput!) { a: createProduct(input: $i) { id } }", i=data
        )["id"]
        options = self._options(id_, product)
        made = self.ask(
            "mutation($i: [CreateProductVariantInput!]!) "
            "{ a: createProductVariants(input: $i) { id sku } }",
            i=[self._variant(id_, product, v, options) for v in product.variants],
        )
        euros = {v.id: v.prices["EUR"] for v in product.variants}
        self._update(
            {"id": one["id"], "prices": [{"currencyCode": "EUR", "price": now(euros[one["sku"]])}]}
            for one in made
        )
        return {one["sku"]: variant_id(id_, one["id"]) for one in made}

    def _options(self, id_: str, product: NewProduct) -> dict[tuple[str, str], str]:
        found = {}
        for axis in product.variants[0].options:
            values = {v: self._names(axis, v) for v in (v.options[axis] for v in product.variants)}
            ids = {names["en"]: value for value, names in values.items()}
            group = {
                "code": f"{product.id}-{axis}",
                "translations": named(dict.fromkeys(WORDS, axis)),
                "options": [
                    {"code": value, "translations": named(names)} for value, names in values.items()
                ],
            }
            made = self.ask(
                "mutation($i: CreateProductOptionGroupInput!) "
                "{ a: createProductOptionGroup(input: $i) { id options { id code name } } }",
                i=group,
            )
            found |= {(axis, ids[one["name"]]): one["id"] for one in made["options"]}
            self.ask(
                "mutation($p: ID!, $g: ID!) "
                "{ a: addOptionGroupToProduct(productId: $p, optionGroupId: $g) { id } }",
                p=id_,
                g=made["id"],
            )
        return found

    def _names(self, axis: str, value: str) -> dict[str, str]:
        """A colour has names; a size is its own."""
        if axis != "colour":
            return dict.fromkeys(WORDS, value)
        return self._colours[value]

    def _variant(
        self,
        id_: str,
        product: NewProduct,
        variant: NewVariant,
        options: dict[tuple[str, str], str],
    ) -> dict[str, Any]:
        zloty = variant.prices["PLN"]
        data = {
            "productId": id_,
            "sku": variant.id,
            "price": now(zloty),
            "taxCategoryId": self._tax,
            "optionIds": [options[pair] for pair in variant.options.items()],
            "stockOnHand": variant.stock,
            "trackInventory": "TRUE",
            "translations": named({w: t[0] for w, t in product.texts.items()}),
        }
        if zloty.sale:
            data["customFields"] = {
                "regularPrice": zloty.regular,
                "lowestPrice30d": zloty.lowest_30d,
            }
        return data

    def promotion(self, code: str, percent: int, minimum: int = 0, uses: int | None = None) -> None:
        least = operation("minimum_order_amount", amount=str(minimum), taxInclusive="true")
        data = {
            "enabled": True,
            "couponCode": code,
            "perCustomerUsageLimit": uses,
            "translations": named({"en": code}),
            "conditions": [least] if minimum else [],
            "actions": [operation("order_percentage_discount", discount=str(percent))],
        }
        self.ask(
            "mutation($i: CreatePromotionInput!) "
            "{ a: createPromotion(input: $i) { __typename ... on ErrorResult { errorCode } } }",
            i=data,
        )

    def customer(self, name: str, email: str) -> None:
        first, _, last = name.rpartition(" ")
        self.ask(
            "mutation($i: CreateCustomerInput!) "
            '{ a: createCustomer(input: $i, password: "secret") { __typename } }',
            i={"firstName": first, "lastName": last, "emailAddress": email},
        )

    def order(self, number: str) -> dict[str, Any]:
        found = self.ask(
            "query($n: String!) { a: orders(options: {filter: {code: {eq: $n}}}) { items { "
            "id state totalWithTax couponCodes customer { emailAddress } "
            "shippingAddress { fullName streetLine1 streetLine2 city } "
            "lines { id quantity productVariant { id productId } } "
            "payments { id state amount refunds { state total } } "
            "history(options: {}) { items { type data } } } } }",
            n=number,
        )["items"]
        return dict(found[0])

    def ship(self, number: str, code: str = "", to: str = "Delivered") -> None:
        """Packs all of an order and sends it on its way, or to its end."""
        order = self.order(number)
        lines = [{"orderLineId": o["id"], "quantity": o["quantity"]} for o in order["lines"]]
        handler = operation("manual-fulfillment", method="DPD", trackingCode=code)
        made = self.ask(
            "mutation($i: FulfillOrderInput!) { a: addFulfillmentToOrder(input: $i) "
            "{ __typename ... on Fulfillment { id } ... on ErrorResult { errorCode message } } }",
            i={"lines": [one for one in lines if one["quantity"]], "handler": handler},
        )
        for state in ("Shipped", "Delivered")[: 1 if to == "Shipped" else 2]:
            self.ask(
                "mutation($i: ID!, $s: String!) "
                "{ a: transitionFulfillmentToState(id: $i, state: $s) "
                "{ __typename ... on ErrorResult { errorCode message } } }",
                i=made["id"],
                s=state,
            )

    def price(self, variant: str, minor: int) -> None:
        data = {
            "id": variant.rpartition("-")[2],
            "prices": [{"currencyCode": "PLN", "price": minor}],
        }
        self._update([data])

    def stock(self, variant: str, count: int) -> None:
        self._update([{"id": variant.rpartition("-")[2], "stockOnHand": count}])

    def _update(self, variants: Iterable[dict[str, Any]]) -> None:
        self.ask(
            "mutation($i: [UpdateProductVariantInput!]!) "
            "{ a: updateProductVariants(input: $i) { id } }",
            i=list(variants),
        )


def now(price: NewPrice) -> int:
    return price.sale or price.regular


def named(names: dict[str, str]) -> list[dict[str, str]]:
    return [{"languageCode": language, "name": name} for language, name in names.items()]


def operation(code: str, **arguments: str) -> dict[str, Any]:
    return {"code": code, "arguments": [{"name": n, "value": v} for n, v in arguments.items()]}
