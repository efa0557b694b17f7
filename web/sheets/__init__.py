"""The month's sheets: overview, one unit's sheet, signing, files to print."""
