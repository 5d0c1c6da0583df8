"""Runs the migrations on the connection that shop.schema hands over."""

from alembic import context

from shop.tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
