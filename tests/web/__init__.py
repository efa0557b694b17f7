"""The hub: ledger, services, pages."""
