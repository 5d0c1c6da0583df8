"""A shop's own catalogue from a Google Merchant product feed: TSV, CSV, RSS or Atom.

https://support.google.com/merchants/answer/7052112 (product data specification)
"""
