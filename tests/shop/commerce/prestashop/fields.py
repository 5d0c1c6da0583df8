"""The fields of PrestaShop's resources, written down from its pages (what `?schema=synopsis` says):
https://devdocs.prestashop-project.org/9/webservice/resources/

A field is `name:format`; `!` it must be given, `^` it cannot be written, `~` it cannot be filtered
by, `*` it is text in several languages, `/32` its longest. No format: anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

FORMATS = {
    "": r"(?s).*",
    "id": r"\d+",
    "int": r"-?\d+",
    "uint": r"\d+",
    "bool": r"[01]",
    "price": r"\d{1,10}(\.\d{1,9})?",
    "nprice": r"-?\d{1,10}(\.\d{1,9})?",
    "float": r"-?\d+(\.\d+)?",
    "date": r"\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?",
    "name": r"[^0-9!<>,;?=+()@#\"°{}_$%:¤|]*",
    "address": r"[^!<>?=+@{}_$%]*",
    "city": r"[^!<>;?=+@#\"°{}_$%]*",
    "postcode": r"[a-zA-Z 0-9-]+",
    "phone": r"[+0-9. ()/-]*",
    "generic": r"[^<>={}]*",
    "message": r"[^<>{}]*",
    "html": r"(?s)(?!.*<script).*",
    "email": r"[^@\s]+@[^@\s]+\.[^@\s]+",
    "md5": r"[a-f0-9]{32}",
    "module": r"[a-zA-Z0-9_-]+",
    "passwd": r".{5,255}",
}
TEXTS = {
    "addresses": """id_customer:id id_manufacturer:id id_supplier:id id_warehouse:id id_country:id!
        id_state:id alias:generic!/32 company:generic/255 lastname:name!/255 firstname:name!/255
        vat_number:generic address1:address!/128 address2:address/128 postcode:postcode/12
        city:city!/64 other:message/300 phone:phone/32 phone_mobile:phone/32 dni:/16 deleted:bool
        date_add:date date_upd:date""",
    "carriers": """deleted:bool is_module:bool id_tax_rules_group:~ id_reference: name:generic!/64
        active:bool! is_free:bool url: shipping_handling:bool shipping_external: range_behavior:bool
        shipping_method:uint external_module_name: need_range: position: delay:generic!*""",
    "cart_rules": """id_customer:id date_from:date! date_to:date! description:html quantity:uint
        quantity_per_user:uint priority:uint partial_use:bool code:html/254 minimum_amount:float
        minimum_amount_tax:bool minimum_amount_currency:int minimum_amount_shipping:bool
        country_restriction:bool carrier_restriction:bool group_restriction:bool
        cart_rule_restriction:bool product_restriction:bool shop_restriction:bool
        free_shipping:bool reduction_percent:float reduction_amount:float reduction_tax:bool
        reduction_currency:id reduction_product:int reduction_exclude_special:bool gift_product:id
        gift_product_attribute:id highlight:bool active:bool date_add:date date_upd:date
        name:html!*""",
    "carts": """id_address_delivery:id id_address_invoice:id id_currency:id! id_customer:id
        id_guest:id id_lang:id! id_shop_group:id id_shop:id id_carrier:id recyclable:bool gift:bool
        gift_message:message mobile_theme:bool delivery_option: secure_key:/32
        allow_seperated_package:bool date_add:date date_upd:date""",
    "categories": "id_parent:id active:bool name:generic!* link_rewrite:!*",
    "combinations": """id_product:id! reference: quantity:~^ price:nprice weight:float
        minimal_quantity:uint! default_on:bool""",
    "configurations": "value: name:!/254 id_shop_group:id id_shop:id date_add:date date_upd:date",
    "contacts": "email:email customer_service:bool name:generic!* description:html*",
    "countries": "id_zone:id! id_currency:id iso_code:! active:bool contains_states:bool! name:!*",
    "currencies": "iso_code:! conversion_rate:float! deleted:bool active:bool name:!*",
    "customer_messages": """id_employee:id id_customer_thread: ip_address:/15 message:html!
        file_name: user_agent: private:bool date_add:date date_upd:date read:bool""",
    "customer_threads": """id_lang:id! id_shop:id id_customer:id id_order:id id_product:id
        id_contact:id! email:email/255 token:generic! status: date_add:date date_upd:date""",
    "customers": """id_default_group: id_lang:id newsletter_date_add: ip_registration_newsletter:
        last_passwd_gen:^ secure_key:md5^ deleted:bool passwd:passwd!/255 lastname:name!/255
        firstname:name!/255 email:email!/255 id_gender:id birthday: newsletter:bool optin:bool
        website: company:generic siret:generic ape: outstanding_allow_amount:float
        show_public_prices:bool id_risk:uint max_payment_days:uint active:bool note:/65000
        is_guest:bool id_shop:id id_shop_group:id date_add:date date_upd:date""",
    "deliveries": "id_carrier:id! id_range_price:id! id_range_weight:id! id_zone:id! price:price!",
    "languages": "name:! iso_code:! active:bool",
    "manufacturers": "active:bool name:generic!",
    "order_carriers": """id_order:id! id_carrier:id! id_order_invoice:id weight:float
        shipping_cost_tax_excl:float shipping_cost_tax_incl:float tracking_number: date_add:date""",
    "order_cart_rules": """id_order:id! id_cart_rule:id! id_order_invoice:id name:html! value:float!
        value_tax_excl:float! free_shipping:bool deleted:bool""",
    "order_details": """id_order:id! product_id:id product_attribute_id:id id_order_invoice:id
        id_warehouse:id! id_shop:id! product_name:generic! product_quantity:int!
        product_quantity_in_stock:int product_quantity_return:uint product_quantity_refunded:uint
        product_price:price! product_reference: id_tax_rules_group:int tax_rate:float
        total_price_tax_incl:price total_price_tax_excl:price unit_price_tax_incl:price
        unit_price_tax_excl:price original_product_price:price""",
    "order_histories": "id_employee:id id_order_state:id! id_order:id! date_add:date",
    "order_payments": """order_reference:/9 id_currency:id! amount:nprice! payment_method:generic
        conversion_rate:float transaction_id:generic/254 card_number: date_add:date""",
    "order_slip": """id_customer:id! id_order:id! conversion_rate:float!
        total_products_tax_excl:float! total_products_tax_incl:float!
        total_shipping_tax_excl:float! total_shipping_tax_incl:float! amount:float shipping_cost:
        shipping_cost_amount:float partial: date_add:date date_upd:date order_slip_type:int""",
    "order_states": """unremovable:bool delivery:bool hidden:bool send_email:bool invoice:bool
        logable:bool shipped:bool paid:bool deleted:bool name:generic!*""",
    "orders": """id_address_delivery:id! id_address_invoice:id! id_cart:id! id_currency:id!
        id_lang:id! id_customer:id! id_carrier:id! current_state:id module:module! invoice_number:
        invoice_date: delivery_number: delivery_date: valid: date_add:date date_upd:date
        shipping_number:~ note:html id_shop_group:id id_shop:id secure_key:md5 payment:generic!
        recyclable:bool gift:bool gift_message:message total_discounts:price
        total_discounts_tax_incl:price total_discounts_tax_excl:price total_paid:price!
        total_paid_tax_incl:price total_paid_tax_excl:price total_paid_real:price!
        total_products:price! total_products_wt:price! total_shipping:price
        total_shipping_tax_incl:price total_shipping_tax_excl:price carrier_tax_rate:float
        conversion_rate:float! reference:""",
    "price_ranges": "id_carrier:int! delimiter1:float! delimiter2:float!",
    "product_feature_values": "id_feature:id! custom: value:generic!*",
    "product_features": "position: name:generic!*",
    "product_option_values": "id_attribute_group:id! color: position: name:generic!*",
    "product_options": "is_color_group:bool group_type:! position: name:!* public_name:!*",
    "products": """id_manufacturer:id id_category_default:id id_default_image:~ quantity:~^
        manufacturer_name:~^ id_tax_rules_group:id reference: weight:float ecotax:price price:price!
        additional_shipping_cost:price active:bool available_for_order:bool date_add:date
        visibility: link_rewrite:* name:!* description:* description_short:*""",
    "stock_availables": """id_product:id! id_product_attribute:id! id_shop:id id_shop_group:id
        quantity:int! depends_on_stock:bool! out_of_stock:int! location:""",
    "tax_rules": """id_tax_rules_group:id! id_state:id id_country:id! zipcode_from: zipcode_to:
        id_tax:id! behavior:uint description:""",
    "taxes": "rate:float! active:bool deleted:bool name:!*",
    "weight_ranges": "id_carrier:int! delimiter1:float! delimiter2:float!",
}
ROWS = {
    "carts": ("cart_rows", "id_product! id_product_attribute! id_address_delivery! quantity!"),
}
SINGULAR = {
    "addresses": "address",
    "categories": "category",
    "countries": "country",
    "currencies": "currency",
    "deliveries": "delivery",
    "order_histories": "order_history",
    "order_slip": "order_slip",
    "taxes": "tax",
}
PLURAL = {"order_slip": "order_slips"}  # what a list of them is called
ONE = re.compile(r"(?P<name>\w+):(?P<format>[a-z0-9]*)(?P<flags>[!^~*]*)(/(?P<size>\d+))?")


@dataclass(frozen=True)
class Field:
    format: str
    required: bool
    writable: bool
    filterable: bool
    translated: bool
    longest: int | None


@dataclass(frozen=True)
class Resource:
    name: str
    fields: dict[str, Field] = field(default_factory=dict)

    @property
    def singular(self) -> str:
        return SINGULAR.get(self.name, self.name[:-1])


def field_of(text: str) -> tuple[str, Field]:
    shape = ONE.fullmatch(text)
    assert shape is not None, text
    flags = shape["flags"]
    size = int(shape["size"]) if shape["size"] else None
    return shape["name"], Field(
        FORMATS[shape["format"]],
        "!" in flags,
        "^" not in flags,
        "~" not in flags,
        "*" in flags,
        size,
    )


RESOURCES = {
    name: Resource(name, dict(field_of(one) for one in text.split()))
    for name, text in TEXTS.items()
}
