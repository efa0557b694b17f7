"""How a migration runs: on the connection that `web.ledger.migrate` hands over, one transaction a step."""

from alembic import context

from web.ledger.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata(),
    render_as_batch=True,
    transaction_per_migration=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
