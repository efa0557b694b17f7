"""系统: whether the hub is well."""
