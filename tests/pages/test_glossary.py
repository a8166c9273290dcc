from __future__ import annotations

import re

import pytest

from tests.pages.blocks import PAGES, ROOT

GLOSSARY = ROOT / "docs" / "glossary.md"
TERMS, RULED_OUT = GLOSSARY.read_text("utf-8").split("\n## Words to avoid\n")
ENTRIES = dict(re.findall(r"^## (.+)\n\n((?:.+\n)+)", TERMS, re.MULTILINE))
USERS_PAGES = [page for page in PAGES if page != GLOSSARY]

# These words are ruled out only as nouns. For example, "looks for the execution" is fine.
NOUNS = {
    "look": r"(?:a|an|the|one|each|another|no) looks?",
    "glance": r"(?:the|each|every|another) glances?",
    "standing": r"(?:the|its|target's) standing",
    "whereabouts": r"whereabouts",
    "lease": r"leases?",
    "hand-over": r"hand-?overs?",
}


@pytest.mark.parametrize("term", ENTRIES)
def test_each_entry_is_short_and_links_to_the_page_that_explains_it(term):
    text = " ".join(ENTRIES[term].split())

    assert len(re.findall(r"[.](?: |$)", text)) <= 3
    assert "](" in text


@pytest.mark.parametrize("page", ["README.md", "docs/README.md"])
def test_the_glossary_can_be_found(page):
    assert re.search(r"\]\((?:docs/)?glossary\.md\)", (ROOT / page).read_text("utf-8"))


def test_this_module_searches_for_every_ruled_out_word():
    cells = re.findall(r"^\| (?!instead of|---)(.+?) \|", RULED_OUT, re.MULTILINE)

    assert {word for cell in cells for word in cell.split(", ")} == set(NOUNS)


@pytest.mark.parametrize("page", USERS_PAGES, ids=lambda page: page.name)
def test_a_page_avoids_the_words_that_the_glossary_rules_out(page):
    words = re.compile(rf"\b(?:{'|'.join(NOUNS.values())})\b", re.IGNORECASE)
    lines = enumerate(page.read_text("utf-8").splitlines(), 1)

    assert [f"{number}: {line}" for number, line in lines if words.search(line)] == []
