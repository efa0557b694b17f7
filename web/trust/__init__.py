"""Where phones fetch the hall's certificate and are told how to trust it."""
