from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codepipeline_orchestrator.text import cut, error_text, is_web_address, plain


@pytest.mark.parametrize(
    "text, limit, shown",
    [("abc", 3, "abc"), ("abcd", 3, "ab…"), ("", 3, ""), ("abc", 1, "…")],
)
def test_a_text_is_cut_with_an_ellipsis(text, limit, shown):
    assert cut(text, limit) == shown


@pytest.mark.parametrize(
    "text, shown",
    [
        ("no room", "no room"),
        ("two\nlines\r\n\tand a tab", "two lines and a tab"),
        ("\x1b[31mred\x00", "[31mred"),
        ("\u202egnp.exe", "gnp.exe"),
        ("a\u2028b\u2029c\ufeffd", "a b c d"),
        ("👩\u200d🚀 **bold** <b>", "👩\u200d🚀 **bold** <b>"),
        ("\ud800", None),
        ("  \n ", None),
        ("", None),
        (None, None),
        ("x" * 11, "x" * 9 + "…"),
    ],
)
def test_invisible_characters_are_removed(text, shown):
    assert plain(text, 10 if text == "x" * 11 else 100) == shown


@given(st.text(st.characters(), max_size=300), st.integers(1, 100))
def test_the_result_is_always_one_printable_line(text, limit):
    shown = plain(text, limit)
    assert shown is None or 0 < len(shown) <= limit
    assert shown is None or not {unicodedata.category(each) for each in shown} & {"Cc", "Cs"}
    json.dumps(shown, ensure_ascii=False).encode()


def test_an_error_is_shown_with_its_class():
    assert error_text(ValueError("not a number")) == "ValueError: not a number"


@pytest.mark.parametrize(
    "text, is_one",
    [
        ("https://example.com/a?b#c", True),
        ("http://example.com", True),
        ("ftp://example.com", False),
        ("javascript:alert(1)", False),
        ("see https://example.com", False),
        ("https://example.com and more", False),
        ("https://example.com\n", False),
        ("", False),
    ],
)
def test_only_a_web_address_becomes_a_link(text, is_one):
    assert is_web_address(text) is is_one
