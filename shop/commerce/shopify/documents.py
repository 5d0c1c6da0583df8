"""What is asked of the Admin API. Lists that grow are paged, and cost below 600 points a page, of
which the smallest plan restores 100 a second (https://shopify.dev/docs/api/usage/limits); the whole
catalogue is exported."""

from __future__ import annotations

from shop.commerce.shopify.goods import NAMESPACE, Settings

PRODUCTS, VARIANTS, MORE = 3, 10, 30  # products, the first variants of each, and the others
EVERYTHING = "status:active AND published_status:published"
HELD = {"Product": ("metafields", "variants"), "ProductVariant": ("media",)}  # in an export
MONEY = "{ presentmentMoney { amount currencyCode } }"
SHOP = """query Shop {
  shop { currencyCode taxesIncluded enabledPresentmentCurrencies
    orderNumberFormatPrefix orderNumberFormatSuffix } }"""
LOCALES = "query Locales { shopLocales(published: true) { locale primary } }"
PAGE = "pageInfo { hasNextPage endCursor }"
PICTURE = "preview { image { url } }"


def said_in(settings: Settings) -> str:
    """Texts in the shop's other languages."""
    return " ".join(
        f'in_{one}: translations(locale: "{one}") {{ key value }}' for one in settings.languages
    )


def of_variant(settings: Settings, lowest: str) -> str:
    """What is read of a variant but its pictures, with prices in all currencies."""
    prices = " ".join(
        f"{currency}: contextualPricing(context: {{country: {country}}}) "
        "{ price { amount currencyCode } compareAtPrice { amount } }"
        for currency, country in settings.countries.items()
    )
    namespace, _, key = lowest.rpartition(".")
    reduced = f'lowest: metafield(namespace: "{namespace}", key: "{key}") {{ jsonValue }}'
    return f"""
  id price compareAtPrice inventoryQuantity inventoryPolicy inventoryItem {{ tracked }}
  selectedOptions {{ name value }} {prices} {reduced if lowest else ""}"""


def of_product(settings: Settings) -> str:
    """What is read of a product but its facets and variants."""
    said = said_in(settings)
    return f"""
  id title descriptionHtml status createdAt publishedAt onlineStoreUrl vendor productType {said}
  featuredMedia {{ {PICTURE} }} options {{ name {said} optionValues {{ name {said} }} }}"""


def catalogue(settings: Settings, lowest: str) -> str:
    """What is exported: five connections at most, not in lists, no more than two in another one,
    and of nodes with ids. https://shopify.dev/docs/api/usage/bulk-operations/queries"""
    said = said_in(settings)
    media = f"media {{ edges {{ node {{ id {PICTURE} }} }} }}"
    facets = f"edges {{ node {{ id key jsonValue {said} }} }}"
    return f"""{{ products(query: "{EVERYTHING}") {{ edges {{ node {{ {of_product(settings)}
  metafields(namespace: "{NAMESPACE}") {{ {facets} }}
  variants {{ edges {{ node {{ {of_variant(settings, lowest)} {media} }} }} }} }} }} }} }}"""


def variant_fragment(settings: Settings, lowest: str) -> str:
    pictures = f"media(first: 1) {{ nodes {{ {PICTURE} }} }}"
    return f"fragment V on ProductVariant {{ {of_variant(settings, lowest)} {pictures} }}"


def some_products(settings: Settings, lowest: str) -> str:
    said = said_in(settings)
    return f"""query Some($ids: [ID!]!) {{ nodes(ids: $ids) {{ ...P }} }}
{variant_fragment(settings, lowest)}
fragment P on Product {{ {of_product(settings)}
  metafields(first: 8, namespace: "{NAMESPACE}") {{ nodes {{ key jsonValue {said} }} }}
  variants(first: {VARIANTS}) {{ {PAGE} nodes {{ ...V }} }} }}"""


def more_variants(settings: Settings, lowest: str) -> str:
    page = f"variants(first: {MORE}, after: $after) {{ {PAGE} nodes {{ ...V }} }}"
    head = f"query More($id: ID!, $after: String) {{ product(id: $id) {{ {page} }} }}"
    return f"{head} {variant_fragment(settings, lowest)}"


EXPORT = """mutation Export($query: String!) {
  bulkOperationRunQuery(query: $query, groupObjects: false) {
    bulkOperation { id } userErrors { field code } } }"""
EXPORTED = """query Exported($id: ID!) {
  bulkOperation(id: $id) { status errorCode rootObjectCount url } }"""
ENOUGH = """mutation Enough($id: ID!) {
  bulkOperationCancel(id: $id) { bulkOperation { status } userErrors { field } } }"""
LINE = f"""quantity title variant {{ id product {{ id }} }}
  originalUnitPriceSet {MONEY}"""
CALCULATE = f"""mutation Calculate($input: DraftOrderInput!) {{
  draftOrderCalculate(input: $input) {{
    calculatedDraftOrder {{ lineItems {{ {LINE} }}
      subtotalPriceSet {MONEY} totalShippingPriceSet {MONEY}
      warnings {{ ... on DraftOrderDiscountNotAppliedWarning {{ discountCode }} }} }}
    userErrors {{ field }} }} }}"""
RATES = """query Rates($input: DraftOrderAvailableDeliveryOptionsInput!) {
  draftOrderAvailableDeliveryOptions(input: $input) {
    availableShippingRates { handle title price { amount currencyCode } } } }"""
ANYTHING = """query Anything {
  productVariants(first: 1, query: "product_status:active AND published_status:published") {
    nodes { id } } }"""
CODE = """query Code($code: String!) { codeDiscountNodeByCode(code: $code) { codeDiscount {
  ... on DiscountCodeBasic { status usageLimit asyncUsageCount minimumRequirement {
    ... on DiscountMinimumSubtotal { greaterThanOrEqualToSubtotal { amount currencyCode } } } }
  ... on DiscountCodeBxgy { status usageLimit asyncUsageCount }
  ... on DiscountCodeFreeShipping { status usageLimit asyncUsageCount }
  ... on DiscountCodeApp { status usageLimit asyncUsageCount } } } }"""
TERMS = "query Terms { paymentTermsTemplates(paymentTermsType: RECEIPT) { id } }"
DRAFT_FIELDS = f"""id status ready order {{ id }} subtotalPriceSet {MONEY}
  warnings {{ ... on DraftOrderDiscountNotAppliedWarning {{ discountCode }} }}"""
CREATE = f"""mutation Create($input: DraftOrderInput!) {{
  draftOrderCreate(input: $input) {{ draftOrder {{ {DRAFT_FIELDS} }} userErrors {{ field }} }} }}"""
DRAFT = f"query Draft($id: ID!) {{ draftOrder(id: $id) {{ {DRAFT_FIELDS} }} }}"
RESERVE = f"""mutation Reserve($id: ID!, $input: DraftOrderInput!) {{
  draftOrderUpdate(id: $id, input: $input) {{
    draftOrder {{ {DRAFT_FIELDS} }} userErrors {{ field }} }} }}"""
COMPLETE = """mutation Complete($id: ID!) {
  draftOrderComplete(id: $id) { draftOrder { order { id } } userErrors { field } } }"""
DROP = """mutation Drop($input: DraftOrderDeleteInput!) {
  draftOrderDelete(input: $input) { deletedId userErrors { field } } }"""
