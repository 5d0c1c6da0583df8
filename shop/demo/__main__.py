"""`python -m shop.demo`: makes the demo shop ready, and lists some orders to ask about."""

from sqlalchemy import func, select

from shop import tables
from shop.demo.seed import open_shop

SHOWN = 8


def main() -> None:
    store = open_shop()
    store.prepare()
    with store.begin(write=False) as connection:
        for table in (tables.products, tables.variants, tables.shoppers, tables.orders):
            count = connection.scalar(select(func.count()).select_from(table))
            print(f"{table.name}: {count}")
        orders, shoppers = tables.orders, tables.shoppers
        about = orders.c.number, orders.c.state, orders.c.email, orders.c.address
        rows = connection.execute(
            select(*about, shoppers.c.name)
            .join(shoppers, shoppers.c.id == orders.c.shopper_id)
            .order_by(orders.c.placed.desc())
            .limit(SHOWN)
        )
        for number, state, email, address, name in rows:
            print(f"{number}  {state:<18} {email:<34} {name}, {address['postcode']}")


if __name__ == "__main__":
    main()
