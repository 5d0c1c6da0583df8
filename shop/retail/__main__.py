"""`python -m shop.retail DIR`: loads the retail set (products.json, users.json, orders.json in
DIR) into the empty store that SHOPKEEPER_DB names. SHOPKEEPER_POLICY should name the policy beside
this file, SHOPKEEPER_VOCABULARY the vocabulary file to write."""

import os
import sys
from pathlib import Path

from shop.retail.load import POLICY, NotEmpty, load
from shop.store import open_store


def main() -> None:
    os.environ.setdefault("SHOPKEEPER_POLICY", str(POLICY))
    try:
        load(open_store(), Path(sys.argv[1]))
    except NotEmpty as trouble:
        sys.exit(f"{trouble} is in use already: the retail set needs a store of its own")


if __name__ == "__main__":
    main()
