"""人员台账: the people of the hall."""
