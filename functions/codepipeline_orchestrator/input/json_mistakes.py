"""Explains why a text is not JSON: the mistake, its position, and how to fix it."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from codepipeline_orchestrator.text import cannot_be_seen

EXAMPLE = '{"pipelineName": "MyPipeline"}'
_AROUND = 40  # length of the excerpt on each side of the mistake, in characters
_CLOSING = {"{": "}", "[": "]"}
_STRING_OR_BRACKET = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[\]{}]', re.DOTALL)
_PYTHONS = {"True": "true", "False": "false", "None": "null"}
_WRONG_QUOTES = set("'`\u2018\u2019\u201c\u201d\u201e\xab\xbb")
_KINDS = {"\n": "line break", "\r": "line break", "\t": "tab"}
_VARIABLE = (
    "The likely cause is a variable (#{...}) in UserParameters, because CodePipeline inserts its "
    "value without escaping it. Leave that variable out, or use one whose value has no quotes, "
    "backslashes or line breaks, such as a commit ID."
)


@dataclass(frozen=True)
class _Place:
    """The position at which the parser gave up, and its message."""

    text: str
    at: int
    said: str

    @cached_property
    def before(self) -> str:
        return self.text[: self.at].rstrip()

    @cached_property
    def here(self) -> str:
        """The text from the position to the end."""
        return self.text[self.at :]

    @cached_property
    def open_brackets(self) -> str:
        """The brackets that are open at the position, the innermost last."""
        found: list[str] = []
        for token in _STRING_OR_BRACKET.findall(self.text[: self.at]):
            if token in _CLOSING:
                found.append(token)
            elif found and token == _CLOSING[found[-1]]:
                found.pop()
        return "".join(found)

    @property
    def expects_a_name_or_value(self) -> bool:
        return self.before[-1:] in {"", "{", "[", ",", ":"}

    @property
    def follows_a_string(self) -> bool:
        """Whether the position comes after a string, or after a string and a comma."""
        return self.before.removesuffix(",").rstrip().endswith('"')


@dataclass(frozen=True)
class _Mistake:
    at: int
    what: str
    remedy: str
    from_variable: bool = False  # whether a variable's value is the likely cause


def explain_json(text: str, error: json.JSONDecodeError, *, has_variables: bool) -> str:
    """Explain in one line why the json module rejected a text.

    `has_variables` means that CodePipeline may have inserted variable values into the text.
    """
    if not text.strip():
        return f"The input is empty. It must be one JSON object such as {EXAMPLE}."
    place = _Place(text, error.pos, error.msg)
    mistake = next(found for rule in _RULES if (found := rule(place)))
    before = text[: mistake.at]
    line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
    said = (
        f"The input is not JSON: {mistake.what} at line {line}, column {column}, in "
        f"'{_excerpt(text, mistake.at)}'. {mistake.remedy}"
    )
    return f"{said} {_VARIABLE}" if mistake.from_variable and has_variables else said


def _excerpt(text: str, at: int) -> str:
    begin, end = max(0, at - _AROUND), at + _AROUND
    shown = "".join(_visible(character) for character in text[begin:end].strip(" "))
    return f"{'…' if begin else ''}{shown}{'…' if end < len(text) else ''}"


def _visible(character: str) -> str:
    """The character, or its JSON escape if it is invisible."""
    unseen = cannot_be_seen(character) or unicodedata.category(character) in {"Zl", "Zp"}
    return json.dumps(character)[1:-1] if unseen else character


def _byte_order_mark(place: _Place) -> _Mistake | None:
    if not place.text.startswith("\ufeff"):
        return None
    return _Mistake(0, "a byte order mark (U+FEFF)", "Save the text as UTF-8 without it.")


def _encoded_twice(place: _Place) -> _Mistake | None:
    """Explain escaped quotes outside a string."""
    if not (place.expects_a_name_or_value and re.match(r'\\+"', place.here)):
        return None
    remedy = (
        "The JSON was probably encoded twice. Pass the object itself, with plain quotes: "
        f"{EXAMPLE}."
    )
    return _Mistake(place.at, 'an escaped quote (\\") outside a string', remedy)


def _other_quotes(place: _Place) -> _Mistake | None:
    if not (place.expects_a_name_or_value and place.here[:1] in _WRONG_QUOTES):
        return None
    if place.before == "" and place.here[1:].lstrip()[:1] in {"{", "["}:
        return _Mistake(place.at, "a quote around the JSON", "Remove the quotes around it.")
    remedy = 'Put names and strings in straight double quotes (").'
    return _Mistake(place.at, f"the quote {place.here[0]}", remedy)


def _control_character(place: _Place) -> _Mistake | None:
    if not place.said.startswith("Invalid control character"):
        return None
    escape = json.dumps(place.here[0])[1:-1]
    kind = _KINDS.get(place.here[0], "control character")
    what = f"a raw {kind} ({escape}) inside a string"
    return _Mistake(place.at, what, f"Write it as {escape}.", from_variable=True)


def _backslash(place: _Place) -> _Mistake | None:
    if not place.said.startswith("Invalid \\"):
        return None
    at = place.text[: place.at + 1].rindex("\\")
    what = "a backslash that does not begin an escape sequence"
    return _Mistake(at, what, r"Write a backslash as \\.", from_variable=True)


def _open_string(place: _Place) -> _Mistake | None:
    if not place.said.startswith("Unterminated string"):
        return None
    remedy = 'Close it with ". A quote after a backslash is part of the string.'
    return _Mistake(place.at, "a string without a closing quote", remedy, from_variable=True)


def _too_short(place: _Place) -> _Mistake | None:
    if place.here.strip():
        return None
    missing = "".join(_CLOSING[bracket] for bracket in reversed(place.open_brackets))
    return _Mistake(place.at, "the text ends too early", f"Add {missing} at the end.")


def _trailing_comma(place: _Place) -> _Mistake | None:
    """Explain a trailing comma. Python 3.13 points at the comma, older versions at the bracket."""
    at = place.at if place.here[0] == "," else len(place.before) - 1
    after = place.text[at + 1 :].lstrip()[:1]
    if place.text[at : at + 1] != "," or after not in {"}", "]"} or _ends_with_colon(place, at):
        return None
    return _Mistake(at, f"a comma before the closing {after}", "Remove the comma.")


def _ends_with_colon(place: _Place, at: int) -> bool:
    return place.text[:at].rstrip().endswith(":")


def _no_value(place: _Place) -> _Mistake | None:
    if not (place.expects_a_name_or_value and place.here[0] in ",}]"):
        return None
    if place.before.endswith(":"):
        return _Mistake(place.at, "no value after a colon", "Add the value.")
    return _Mistake(place.at, f"an extra {place.here[0]}", "Remove it.")


def _no_colon(place: _Place) -> _Mistake | None:
    """Explain a name without a value, or the second half of a string that contains `", "`."""
    if not place.said.startswith("Expecting ':' delimiter"):
        return None
    inside = re.search(r'"\s*,\s*"[^"]*"$', place.before) is not None
    remedy = "Put a colon and a value after each name."
    return _Mistake(place.at, "no colon after a name", remedy, from_variable=inside)


def _comment(place: _Place) -> _Mistake | None:
    if re.match("#{", place.here):
        remedy = "CodePipeline replaces variables only in the configuration of an action."
        return _Mistake(place.at, "a variable that was not replaced", remedy)
    is_text = place.text[: place.at].endswith('"')  # unescaped quotes, as in "fixes "#12""
    if is_text or not re.match(r"#|//|/\*", place.here):
        return None
    return _Mistake(place.at, "a comment", "Remove it, because JSON has no comments.")


def _pythons_word(place: _Place) -> _Mistake | None:
    word = re.match(r"\w*", place.here)
    if not (place.expects_a_name_or_value and word and word[0] in _PYTHONS):
        return None
    return _Mistake(place.at, word[0], f"Write {_PYTHONS[word[0]]}.")


def _text_after_the_end(place: _Place) -> _Mistake | None:
    if place.said != "Extra data":
        return None
    if place.here[0] == ":":
        return _Mistake(0, "no { at the beginning", f"Put the fields in braces: {EXAMPLE}.")
    if place.here[0] in "}]":
        return _Mistake(place.at, f"an extra {place.here[0]}", "Remove it.")
    if place.here.lstrip(", \t\r\n")[:1] in {"{", "[", '"'}:
        remedy = "Pass one object. To start several pipelines, use one action or run for each."
        return _Mistake(place.at, "a second JSON document", remedy)
    return _Mistake(place.at, "text after the end of the JSON", "Remove it.")


def _wrong_bracket(place: _Place) -> _Mistake | None:
    found, innermost = place.here[0], place.open_brackets[-1:]
    if found not in "}]" or found == _CLOSING.get(innermost):
        return None
    remedy = f"Close the {innermost} with {_CLOSING.get(innermost)} first."
    return _Mistake(place.at, f"{found} inside {innermost}", remedy)


def _missing_comma(place: _Place) -> _Mistake | None:
    """Explain a missing comma, which leaves a name or a list item directly after a value."""
    field = r'"[^"]*"\s*:'
    item = r'"[^"]*"\s*[,\]]|[\[{]'
    if not re.match(field if place.open_brackets.endswith("{") else item, place.here):
        return None
    return _Mistake(place.at, "no comma between two values", "Put a comma here.")


def _name_without_quotes(place: _Place) -> _Mistake | None:
    if not (place.said.startswith("Expecting property name") and place.expects_a_name_or_value):
        return None
    if not re.match(r"[\w$-]+\s*:", place.here):
        return None
    remedy = 'Put names in double quotes (").'
    inside = place.follows_a_string
    return _Mistake(place.at, "a name without quotes", remedy, from_variable=inside)


def _quote_in_a_string(place: _Place) -> _Mistake | None:
    if not place.follows_a_string:
        return None
    what = f"{_shown(place)} after the end of a string"
    remedy = 'If the quote before it belongs to the string, write it as \\".'
    return _Mistake(place.at, what, remedy, from_variable=True)


def _unexpected(place: _Place) -> _Mistake:
    return _Mistake(
        place.at, f"{_shown(place)} is unexpected", f"It must be one JSON object such as {EXAMPLE}."
    )


def _shown(place: _Place) -> str:
    """The word or the character at the position."""
    found = re.match(r"\w{1,20}", place.here)
    return f"'{found[0] if found else _visible(place.here[0])}'"


# The first rule that applies provides the explanation.
_RULES: tuple[Callable[[_Place], _Mistake | None], ...] = (
    _byte_order_mark,
    _control_character,
    _backslash,
    _open_string,
    _too_short,
    _encoded_twice,
    _other_quotes,
    _trailing_comma,
    _comment,
    _pythons_word,
    _text_after_the_end,
    _no_value,
    _no_colon,
    _wrong_bracket,
    _missing_comma,
    _name_without_quotes,
    _quote_in_a_string,
    _unexpected,
)
