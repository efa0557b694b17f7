"""Printed papers: a typst template and its data make a PDF. Nothing here knows the ledger."""
