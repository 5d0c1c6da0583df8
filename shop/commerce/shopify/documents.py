"""What is asked of the Admin API. Lists that grow are paged; their sizes keep a page below 600
points, of which the smallest plan restores 100 a second: https://shopify.dev/docs/api/usage/limits"""

from __future__ import annotations

from shop.commerce.shopify.goods import NAMESPACE, Settings

PRODUCTS, VARIANTS, MORE = 3, 10, 30  # products, the first variants of each, and the others
MONEY = "{ presentmentMoney { amount currencyCode } }"
SHOP = """query Shop {
  shop { currencyCode taxesIncluded enabledPresentmentCurrencies
    orderNumberFormatPrefix orderNumberFormatSuffix } }"""
LOCALES = "query Locales { shopLocales(published: true) { locale primary } }"
PAGE = "pageInfo { hasNextPage endCursor }"
PICTURE = "preview { image { url } }"


def fragments(settings: Settings, lowest: str) -> str:
    """What is read of a product, in the shop's languages and currencies."""
    said = " ".join(
        f'in_{one}: translations(locale: "{one}") {{ key value }}' for one in settings.languages
    )
    prices = " ".join(
        f"{currency}: contextualPricing(context: {{country: {country}}}) "
        "{ price { amount currencyCode } compareAtPrice { amount } }"
        for currency, country in settings.countries.items()
    )
    namespace, _, key = lowest.rpartition(".")
    reduced = f'lowest: metafield(namespace: "{namespace}", key: "{key}") {{ jsonValue }}'
    return f"""
fragment V on ProductVariant {{
  id price compareAtPrice inventoryQuantity inventoryPolicy inventoryItem {{ tracked }}
  selectedOptions {{ name value }} media(first: 1) {{ nodes {{ {PICTURE} }} }}
  {prices} {reduced if lowest else ""} }}
fragment P on Product {{
  id title descriptionHtml status createdAt publishedAt onlineStoreUrl vendor productType {said}
  featuredMedia {{ {PICTURE} }}
  metafields(first: 8, namespace: "{NAMESPACE}") {{ nodes {{ key jsonValue {said} }} }}
  options {{ name {said} optionValues {{ name {said} }} }}
  variants(first: {VARIANTS}) {{ {PAGE} nodes {{ ...V }} }} }}"""


def all_products(settings: Settings, lowest: str) -> str:
    query = f"products(first: {PRODUCTS}, after: $after, sortKey: ID, query: $query)"
    head = f"query Products($after: String, $query: String) {{ {query} {{ {PAGE} nodes"
    return f"{head} {{ ...P }} }} }}{fragments(settings, lowest)}"


def some_products(settings: Settings, lowest: str) -> str:
    head = "query Some($ids: [ID!]!) { nodes(ids: $ids) { ...P } }"
    return f"{head}{fragments(settings, lowest)}"


def more_variants(settings: Settings, lowest: str) -> str:
    page = f"variants(first: {MORE}, after: $after) {{ {PAGE} nodes {{ ...V }} }}"
    whole = fragments(settings, lowest)
    variants = whole[: whole.index("fragment P")]
    return f"query More($id: ID!, $after: String) {{ product(id: $id) {{ {page} }} }}{variants}"


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
