"""The ledger: typed rows by feature, their migrations, and the one place that knows which database it is."""
