"""An OpenAPI document as a page needs it: operations with their parameters and the fields of their answers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

Node = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter or a field of an answer. `name`: with the way to it (`items[].person.id`)."""

    name: str
    kind: str
    words: str
    needed: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """One address that may be asked."""

    path: str
    title: str
    words: str
    asked: list[Field]
    answered: list[Field]


def operations(document: Node) -> list[Operation]:
    """Every operation of the document, in its order."""
    return [
        Operation(
            path,
            operation["summary"],
            operation.get("description", ""),
            [_parameter(each, document) for each in operation.get("parameters", ())],
            list(_fields(_answer(operation), document, "")),
        )
        for path, methods in document["paths"].items()
        for operation in methods.values()
    ]


def _parameter(given: Node, document: Node) -> Field:
    schema = given["schema"]
    words = given.get("description") or schema.get("description", "")
    return Field(given["name"], _kind(schema, document), words, bool(given.get("required")))


def _answer(operation: Node) -> Node:
    schema: Node = operation["responses"]["200"]["content"]["application/json"]["schema"]
    return schema


def _fields(schema: Node, document: Node, way: str) -> Iterator[Field]:
    """The fields of an object and of what lies in it, in order."""
    schema = _resolved(schema, document)
    for name, inner in schema.get("properties", {}).items():
        yield Field(way + name, _kind(inner, document), inner.get("description", ""))
        listed = inner.get("type") == "array"
        yield from _fields(inner["items"] if listed else inner, document, f"{way}{name}{'[]' if listed else ''}.")


def _resolved(schema: Node, document: Node) -> Node:
    """What a reference stands for; anything else as it is."""
    reference = schema.get("$ref")
    if reference is None:
        return schema
    found: Node = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    return found


def _kind(schema: Node, document: Node) -> str:
    """A type in one word: text, number, date, …"""
    plain = [each for each in schema.get("anyOf", (schema,)) if each.get("type") != "null"]
    inner = _resolved(plain[0], document) if plain else schema
    if inner.get("type") == "array":
        return f"{_kind(inner['items'], document)}[]"
    return str(inner.get("format") or inner.get("type", ""))
