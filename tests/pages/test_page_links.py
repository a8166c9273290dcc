import re

import pytest

from tests.pages.blocks import PAGES, ROOT

ALL = [*PAGES, ROOT / ".github" / "pull_request_template.md"]


@pytest.mark.parametrize("page", ALL, ids=lambda page: page.name)
def test_every_link_within_the_repository_has_a_target(page):
    text = page.read_text("utf-8")
    for path, anchor in re.findall(r"\]\((?!https?:)([^)#\s]*)(?:#([^)]*))?\)", text):
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), path
        if anchor:
            headings = re.findall(r"^#+ (.+)$", linked.read_text("utf-8"), re.MULTILINE)
            slugs = {re.sub(r"[^\w\- ]", "", each.lower()).replace(" ", "-") for each in headings}
            assert anchor in slugs
