"""`python -m shop.demo`: makes the demo shop ready, so that nobody waits for it later."""

from sqlalchemy import func, select

from shop import tables
from shop.demo.seed import open_shop


def main() -> None:
    store = open_shop()
    store.prepare()
    with store.begin(write=False) as connection:
        for table in (tables.products, tables.variants, tables.shoppers, tables.orders):
            count = connection.scalar(select(func.count()).select_from(table))
            print(f"{table.name}: {count}")


if __name__ == "__main__":
    main()
