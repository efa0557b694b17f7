"""The fields of a kiosk's request, as the ledger keeps them."""

import json

Value = str | int | bool | None


def read_fields(text: str) -> dict[str, Value]:
    """The fields in a row's JSON; empty for anything else."""
    try:
        fields = json.loads(text)
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}
