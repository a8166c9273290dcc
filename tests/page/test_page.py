"""The page of a timeline, in a real browser."""

from __future__ import annotations

import re

import pytest

CHOSEN = "document.activeElement.id"
PANEL = "document.getElementById('panel').textContent"
BARS = "[...document.querySelectorAll('.bar')].map((bar) => bar.id)"

# Notes which bars get the focus, and what the panel shows then.
NOTE_THE_WALK = f"""(() => {{
  window.walked = []; window.details = [];
  document.addEventListener("focusin", () => {{
    window.walked.push({CHOSEN}); window.details.push({PANEL});
  }});
}})()"""


def colour(selector, property_="backgroundColor"):
    return f"getComputedStyle(document.querySelector('{selector}')).{property_}"


def reach_the_bars(browser):
    """Tab until a bar has the focus."""
    for _ in range(20):
        browser.press("TAB")
        if browser.run("document.activeElement.classList.contains('bar')"):
            return
    raise AssertionError("Tab does not reach the bars")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_is_asked_for_from_outside_and_nothing_is_complained_of(browser, name, dark):
    browser.open(name, dark=dark)

    assert [url for url in browser.asked() if not url.startswith(("file:", "data:"))] == []
    assert browser.complaints() == []


def test_the_keyboard_reaches_each_bar_and_shows_its_details(browser, name):
    # given the page, and the bars that it has
    browser.open(name)
    bars = browser.run(BARS)
    reach_the_bars(browser)

    # when somebody walks along all of them
    browser.press("HOME")
    browser.run(NOTE_THE_WALK)
    browser.press("ARROW_RIGHT", len(bars) - 1)

    # then each was reached, could be seen to be, and showed what belongs to it
    walked, details = browser.run("[window.walked, window.details]")
    assert walked == bars[1:]
    entries = "(bar) => document.getElementById(`d${bar.slice(1)}`).textContent"
    assert details == browser.run(f"{BARS}.map({entries})")[1:]
    assert browser.run(colour(":focus", "outlineStyle")) == "solid"


def test_up_and_down_lead_to_the_lane_above_and_below(browser):
    browser.open("failed")
    reach_the_bars(browser)
    browser.press("HOME")
    first = browser.run(CHOSEN)

    browser.press("ARROW_DOWN")
    below = browser.run("document.activeElement.closest('.row').querySelector('.label').innerText")
    browser.press("ARROW_UP")

    assert below == "Checkout"
    assert browser.run(CHOSEN) == first


def test_what_failed_last_is_shown_at_once_and_enter_leads_to_its_link_and_escape_back(browser):
    browser.open("failed")
    assert "Rollout, attempt 2" in browser.run(PANEL)

    reach_the_bars(browser)
    bar = browser.run(CHOSEN)
    browser.press("ENTER")
    link = browser.run("document.activeElement.href")
    browser.press("ESCAPE")

    assert link.endswith("/codebuild/projects/Rollout/build/1")
    assert browser.run(CHOSEN) == bar


def test_the_outcome_and_the_failing_action_are_seen_without_scrolling(browser):
    for narrow in (False, True):
        browser.open("failed", narrow=narrow)

        bottom = browser.run("document.querySelector('.failure').getBoundingClientRect().bottom")
        assert bottom < browser.run("window.innerHeight") / 2
        assert "Deploy" in browser.run("document.querySelector('.failure').innerText")


@pytest.mark.parametrize("width", ["narrow", "wide"])
def test_the_page_is_never_scrolled_sideways(browser, name, width):
    browser.open(name, narrow=width == "narrow")

    assert browser.run("document.documentElement.scrollWidth <= window.innerWidth")
    outside = "(bar) => bar.getBoundingClientRect().right > window.innerWidth"
    assert browser.run(f"[...document.querySelectorAll('.bar')].filter({outside}).length") == 0


def test_dark_and_light_differ_and_both_can_be_read(browser):
    grounds = set()
    for dark in (False, True):
        browser.open("failed", dark=dark)
        grounds.add(browser.run(colour("body")))

        for selector, on in CONTRASTS:
            assert browser.run(contrast(selector, on)) >= 4.5, (selector, dark)
    assert len(grounds) == 2


# What is read, and what it stands on.
CONTRASTS = (
    (".told", "body"),
    (".how", "body"),
    (".command", ".command"),
    ("dt", "body"),
    (".link", "body"),
    (".outcome", ".outcome"),
    (".failure pre", ".failure"),
    (".bar.good", ".bar.good"),
    (".bar.bad", ".bar.bad"),
    (".progress .bar", ".progress .bar"),
    (".status.bad", "body"),
    (".status.good", "body"),
    ("#panel dt", "#panel"),
)


def contrast(selector, on):
    """The contrast of two colours as WCAG 2 counts it; 4.5 is enough for small text."""
    return f"""(() => {{
      const light = (text) => {{
        const [r, g, b] = text.match(/[0-9.]+/g).slice(0, 3).map((part) => part / 255)
          .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      }};
      const [low, high] = [
        light({colour(selector, "color")}), light({colour(on)}),
      ].sort((one, other) => one - other);
      return (high + 0.05) / (low + 0.05);
    }})()"""


def test_what_others_wrote_is_text_and_does_nothing(browser, name):
    browser.open(name)
    browser.press("TAB", 12)

    assert browser.run("window.attacked") is None
    assert browser.run("document.querySelectorAll('img, iframe, object, embed').length") == 0
    assert browser.run("document.scripts.length") == 1
    schemes = "[...new Set([...document.links].map((link) => link.protocol))]"
    assert set(browser.run(schemes)) <= {"https:", "file:"}
    assert browser.complaints() == []


def test_no_script_but_its_own_would_run(browser):
    # given a page in which markup has come to be more than text
    browser.open("hostile")

    # when there is a script in it
    browser.run(
        "document.body.append(Object.assign(document.createElement('script'),"
        " {textContent: 'window.attacked = 1'}))"
    )

    # then the browser refuses it
    assert browser.run("window.attacked") is None
    assert "Content Security Policy" in " ".join(browser.complaints())


def test_a_screen_reader_hears_each_bar_with_status_and_time(browser):
    browser.open("failed")

    nodes = browser.spoken()

    heard = {node["name"] for node in nodes if node["role"] == "link"}
    # when it was retried depends on when its failure was seen
    again = re.compile(r"Action: Rollout, attempt 2, Failed, at 09:09:\d\d, for 2m 20s")
    assert any(again.fullmatch(name) for name in heard)
    roles = {node["role"] for node in nodes}
    assert {"banner", "main", "contentinfo", "heading", "region"} <= roles


@pytest.mark.parametrize("dark, narrow", [(False, False), (True, False), (False, True)])
def test_pictures_are_there_to_be_looked_at(browser, name, dark, narrow):
    browser.open(name, dark=dark, narrow=narrow)

    kind = "narrow" if narrow else "dark" if dark else "light"
    assert browser.picture(f"{name}-{kind}") > 10_000
