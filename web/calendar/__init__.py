"""节假日表: which days are worked, edited with a preview and confirmed once a year."""
