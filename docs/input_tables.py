"""Build the tables of input fields in docs/input.md from the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codepipeline_orchestrator.input.fields import RunInput, SourceRevision, Variable
from docs.generated import rewritten, table

if TYPE_CHECKING:
    from pydantic import BaseModel

_MODELS: dict[str, type[BaseModel]] = {
    "fields": RunInput,
    "Variable": Variable,
    "SourceRevision": SourceRevision,
}


def with_tables(page: str) -> str:
    """Rebuild the page's tables from the model. Raise KeyError for an unknown table."""
    return rewritten(page, r"([\w ]+)", lambda name: _table(_MODELS[name]))


def _table(model: type[BaseModel]) -> str:
    rows = [
        (f"`{name}`", _meaning(field), _values(field), _default(field, name, model))
        for name, field in _fields(model)
    ]
    return table(("field", "meaning", "values", "default"), rows)


def _fields(model: type[BaseModel]) -> list[tuple[str, dict[str, Any]]]:
    schema = model.model_json_schema(by_alias=True)
    return [
        (name, _resolved(field, schema.get("$defs", {})))
        for name, field in schema["properties"].items()
    ]


def _resolved(field: dict[str, Any], definitions: dict[str, Any]) -> dict[str, Any]:
    """The field without its `null` alternative and with its `$ref` resolved."""
    kinds = [kind for kind in field.get("anyOf", [{}]) if kind.get("type") != "null"]
    found = {**kinds[0], **field}
    if "$ref" in found:
        found["enum"] = definitions[found["$ref"].rpartition("/")[2]]["enum"]
    return found


def _meaning(field: dict[str, Any]) -> str:
    text: str = field["description"].partition(" Default: ")[0]
    return text


def _default(field: dict[str, Any], name: str, model: type[BaseModel]) -> str:
    if name in model.model_json_schema(by_alias=True)["required"]:
        return "required"
    said = field["description"].partition(" Default: ")[2].rstrip(".")
    if said or field["default"] is None:
        return said or "none"
    return f"`{str(field['default']).lower()}`"


def _values(field: dict[str, Any]) -> str:
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    match field["type"]:
        case "boolean":
            return "`true`, `false`"
        case "integer":
            return f"{field['minimum']:,} to {field['maximum']:,}"
        case "array":
            return f"{field['minItems']} to {field['maxItems']} of {_item(field['items'])}"
        case _:
            return _text(field)


def _item(item: dict[str, Any]) -> str:
    if "$ref" in item:
        name = item["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    return _text(item)


def _text(field: dict[str, Any]) -> str:
    least, most = field.get("minLength"), field.get("maxLength")
    parts = [f"`{field['pattern']}`"] if "pattern" in field else []
    if most:
        parts.append(f"{least:,} to {most:,} characters" if least else f"at most {most:,}")
    return ", ".join(parts)
