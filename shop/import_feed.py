"""`python -m shop.import_feed FILE`: loads a Google Merchant product feed into the shop."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from shop.commerce import snapshot
from shop.demo.seed import open_shop
from shop.feed.load import Report, load
from shop.feed.rows import FeedError
from shop.policy import policy


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m shop.import_feed", description=__doc__)
    parser.add_argument("file", type=Path, help="TSV, CSV, RSS or Atom")
    parser.add_argument("--language", choices=policy().languages, default="")
    parser.add_argument("--replace", action="store_true", help="remove all other products")
    given = parser.parse_args(arguments)
    if not given.file.is_file():
        parser.error(f"{given.file} is no file: make import FILE=feed.xml")
    store = open_shop()
    try:
        report = load(store, given.file, given.language, given.replace)
    except (FeedError, OSError) as trouble:
        print(f"{given.file}: {trouble}; nothing was changed", file=sys.stderr)
        return 1
    tell(given.file, report)
    snapshot.refresh(store)
    return 0 if report.products else 1


def tell(file: Path, report: Report) -> None:
    for line, trouble in sorted(report.bad):
        print(f"{file}:{line}: {trouble}", file=sys.stderr)
    loaded = f"{report.products} products with {report.variants} variants"
    print(f"{loaded} loaded ({report.language}), {len(report.bad)} rows left out", end="")
    print(f", {report.removed} other products removed" if report.removed else "")


if __name__ == "__main__":
    sys.exit(main())
