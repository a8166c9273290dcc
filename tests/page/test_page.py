from __future__ import annotations

import re

import pytest

CHOSEN = "document.activeElement.id"
PANEL = "document.getElementById('panel').textContent"
BARS = "[...document.querySelectorAll('.bar')].map((bar) => bar.id)"

# This script records the bars that receive the focus, and the details of each.
NOTE_THE_WALK = f"""(() => {{
  window.walked = []; window.details = [];
  document.addEventListener("focusin", () => {{
    window.walked.push({CHOSEN}); window.details.push({PANEL});
  }});
}})()"""


def color_of(selector, property_="backgroundColor"):
    return f"getComputedStyle(document.querySelector('{selector}')).{property_}"


def reach_the_bars(browser):
    """Press Tab until a bar has the focus."""
    for _ in range(20):
        browser.press("TAB")
        if browser.run("document.activeElement.classList.contains('bar')"):
            return
    raise AssertionError("Tab does not reach the bars")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_page_loads_nothing_from_outside_and_logs_no_errors(browser, name, dark):
    browser.open(name, dark=dark)

    assert [url for url in browser.asked() if not url.startswith(("file:", "data:"))] == []
    assert browser.complaints() == []


def test_the_keyboard_reaches_each_bar_and_shows_its_details(browser, name):
    browser.open(name)
    bars = browser.run(BARS)
    reach_the_bars(browser)

    browser.press("HOME")
    browser.run(NOTE_THE_WALK)
    browser.press("ARROW_RIGHT", len(bars) - 1)

    walked, details = browser.run("[window.walked, window.details]")
    assert walked == bars[1:]
    entries = "(bar) => document.getElementById(`d${bar.slice(1)}`).textContent"
    assert details == browser.run(f"{BARS}.map({entries})")[1:]
    assert browser.run(color_of(":focus", "outlineStyle")) == "solid"


def test_up_and_down_move_to_the_lane_above_and_below(browser):
    browser.open("failed")
    reach_the_bars(browser)
    browser.press("HOME")
    first = browser.run(CHOSEN)

    browser.press("ARROW_DOWN")
    below = browser.run("document.activeElement.closest('.row').querySelector('.label').innerText")
    browser.press("ARROW_UP")

    assert below == "Checkout"
    assert browser.run(CHOSEN) == first


def test_the_last_failure_is_selected_and_enter_and_escape_move_between_it_and_its_link(browser):
    browser.open("failed")
    assert "Rollout, attempt 2" in browser.run(PANEL)

    reach_the_bars(browser)
    bar = browser.run(CHOSEN)
    browser.press("ENTER")
    link = browser.run("document.activeElement.href")
    browser.press("ESCAPE")

    assert link.endswith("/codebuild/projects/Rollout/build/1")
    assert browser.run(CHOSEN) == bar


def test_the_outcome_and_the_failed_action_are_visible_without_scrolling(browser):
    for narrow in (False, True):
        browser.open("failed", narrow=narrow)

        bottom = browser.run("document.querySelector('.problem').getBoundingClientRect().bottom")
        assert bottom < browser.run("window.innerHeight") / 2
        assert "Deploy" in browser.run("document.querySelector('.problem').innerText")


@pytest.mark.parametrize("width", ["narrow", "wide"])
def test_the_page_never_scrolls_sideways(browser, name, width):
    browser.open(name, narrow=width == "narrow")

    assert browser.run("document.documentElement.scrollWidth <= window.innerWidth")
    outside = "(bar) => bar.getBoundingClientRect().right > window.innerWidth"
    assert browser.run(f"[...document.querySelectorAll('.bar')].filter({outside}).length") == 0


@pytest.mark.parametrize("width", ["narrow", "wide"])
def test_labels_do_not_break_within_words(browser, name, width):
    browser.open(name, narrow=width == "narrow")

    lines = "(each) => each.offsetHeight > 1.5 * parseFloat(getComputedStyle(each).lineHeight)"
    names = "[...document.querySelectorAll('dt')].filter((each) => !each.innerText.includes(' '))"
    assert browser.run(f"{names}.filter({lines}).map((each) => each.innerText)") == []


@pytest.mark.parametrize("width", [390, 640, 768, 1024, 1280])
def test_each_action_shows_its_duration_in_or_beside_its_bar(browser, width):
    for name in ("succeeded", "failed", "rejected", "crowded"):
        browser.open(name, width=width)

        told = "[...bar.querySelectorAll('span')].filter((span) => span.offsetWidth > 0)"
        shown = f"""[...document.querySelectorAll('.action .bar')].map((bar) => {told}
          .filter((span) => span.scrollWidth <= span.clientWidth).map((span) => span.innerText))"""
        durations = browser.run(shown)
        assert durations != []
        assert all(len(each) == 1 and each[0].endswith(("s", "m")) for each in durations), durations


@pytest.mark.parametrize(
    "name, selected",
    [
        ("succeeded", "Rollout"),
        ("rejected", "ByOperations"),
        ("unassumable", "AssumeRole"),
        ("timed_out", "Rollout"),
        ("superseded", "waiting to enter stage Deploy"),
        ("aborted", "Compile"),
        ("running", "ByOperations"),
    ],
)
def test_the_bar_that_explains_the_outcome_is_selected(browser, name, selected):
    browser.open(name)

    assert browser.run("document.querySelector('#panel b').innerText").startswith(selected)


@pytest.mark.parametrize(
    "zone, told",
    [
        ("Europe/Berlin", "2026-01-05 09:00:03 UTC (10:00:03 local)"),
        ("Pacific/Honolulu", "2026-01-05 09:00:03 UTC (2026-01-04 23:00:03 local)"),
        ("UTC", "2026-01-05 09:00:03 UTC"),
    ],
)
def test_times_are_shown_in_utc_and_in_the_time_zone_of_the_browser(browser, zone, told):
    browser.open("failed", zone=zone)

    assert browser.run("document.querySelector('.when time').innerText") == told


def test_messages_also_show_the_local_time(browser):
    browser.open("timed_out", zone="Europe/Berlin")
    deadline = "deadline, 2026-01-05 09:05:03 UTC (10:05:03 local)"
    assert deadline in browser.run("document.querySelector('.told').innerText")

    browser.open("running", zone="Europe/Berlin")
    told = browser.run("document.querySelector('.told').innerText")
    assert "since 2026-01-05 10:30 UTC (11:30 local)" in told
    assert re.search(r"as of 2026-01-05 13:(\d\d:\d\d) UTC \(14:\1 local\)", told)


COMMAND = "document.querySelector('.command').textContent"


def press_copy(browser):
    """Press the first copy button with the keyboard and return its new label."""
    browser.run("document.querySelector('.copy').focus()")
    browser.press("ENTER")
    label = "document.querySelector('.copy').innerText"
    return browser.wait_for(f"{label} === 'Copy' ? null : {label}")


def test_the_button_copies_the_command(browser):
    browser.allow_clipboard(allowed=True)
    browser.open("failed")

    assert press_copy(browser) == "Copied"

    assert browser.run("navigator.clipboard.readText()") == browser.run(COMMAND)


def test_a_command_that_cannot_be_copied_is_selected(browser):
    browser.allow_clipboard(allowed=False)
    browser.open("failed")
    browser.run("(document.execCommand = () => false)")

    assert press_copy(browser) == "Selected"

    assert browser.run("getSelection().toString()") == browser.run(COMMAND)


def test_dark_and_light_mode_differ_and_have_enough_contrast(browser):
    grounds = set()
    for dark in (False, True):
        browser.open("failed", dark=dark)
        grounds.add(browser.run(color_of("body")))

        for selector, on in CONTRASTS:
            assert browser.run(contrast(selector, on)) >= 4.5, (selector, dark)
    assert len(grounds) == 2


# Each pair is a text and its background.
CONTRASTS = (
    (".told", "body"),
    (".how", "body"),
    (".command", ".command"),
    (".copy", "body"),
    (".when", "body"),
    (".after", "body"),
    ("dt", "body"),
    (".link", "body"),
    (".outcome", ".outcome"),
    (".problem pre", ".problem"),
    (".bar.good", ".bar.good"),
    (".bar.bad", ".bar.bad"),
    (".progress .bar", ".progress .bar"),
    (".status.bad", "body"),
    (".status.good", "body"),
    ("#panel dt", "#panel"),
)


def contrast(selector, on):
    """Return the contrast ratio of two colors. For small text, WCAG 2 requires at least 4.5."""
    return f"""(() => {{
      const light = (text) => {{
        const [r, g, b] = text.match(/[0-9.]+/g).slice(0, 3).map((part) => part / 255)
          .map((part) => part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
      }};
      const [low, high] = [
        light({color_of(selector, "color")}), light({color_of(on)}),
      ].sort((one, other) => one - other);
      return (high + 0.05) / (low + 0.05);
    }})()"""


def test_text_from_others_is_shown_as_text(browser, name):
    browser.open(name)
    browser.press("TAB", 12)

    assert browser.run("window.attacked") is None
    assert browser.run("document.querySelectorAll('img, iframe, object, embed').length") == 0
    assert browser.run("document.scripts.length") == 1
    schemes = "[...new Set([...document.links].map((link) => link.protocol))]"
    assert set(browser.run(schemes)) <= {"https:", "file:"}
    assert browser.complaints() == []


def test_no_other_script_can_run(browser):
    browser.open("hostile")

    browser.run(
        "document.body.append(Object.assign(document.createElement('script'),"
        " {textContent: 'window.attacked = 1'}))"
    )

    assert browser.run("window.attacked") is None
    assert "Content Security Policy" in " ".join(browser.complaints())


def test_screen_readers_announce_the_status_and_time_of_each_bar(browser):
    browser.open("failed")

    nodes = browser.spoken()

    heard = {node["name"] for node in nodes if node["role"] == "link"}
    # The time of the retry depends on when a poll found the failure.
    again = re.compile(r"Action: Rollout, attempt 2, Failed, at 09:09:\d\d UTC, for 2m 20s")
    assert any(again.fullmatch(name) for name in heard)
    roles = {node["role"] for node in nodes}
    assert {"banner", "main", "contentinfo", "heading", "region"} <= roles


@pytest.mark.parametrize("dark, narrow", [(False, False), (True, False), (False, True)])
def test_pictures_of_the_page_are_saved(browser, name, dark, narrow):
    browser.open(name, dark=dark, narrow=narrow)

    kind = "narrow" if narrow else "dark" if dark else "light"
    assert browser.picture(f"{name}-{kind}") > 10_000
