"""A timeline's HTML page and terminal chart. The tests in tests/page use a browser."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from rich.console import Console

from pipeline_run.snapshots import TimedSnapshot
from pipeline_run.timeline.axis import Axis
from pipeline_run.timeline.markup import Markup, element
from pipeline_run.timeline.model import Bar, Row, RowKind, Timeline, linked
from pipeline_run.timeline.page import page
from pipeline_run.timeline.terminal import terminal_chart
from tests.pipeline_run.described import START, run_of
from tests.pipeline_run.hostile import HOSTILE, STARTS_LIKE_A_COMMAND, forged

END = START + timedelta(minutes=9)
ATTACK = "\"'></style></script><script>alert(1)</script><img src=x onerror=alert(1)>\u202e\x1b[2J"


def timeline(*rows, name="run-1", note=""):
    return Timeline(run_of(name), END, name, None, TimedSnapshot(), rows, [], note)


def row(*bars, kind=RowKind.ACTION, name="Rollout"):
    return Row(kind, name, bars)


class Elements(HTMLParser):
    """Collects the tags and attributes of all elements on a page."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def of(self, tag):
        return [attributes for each, attributes in self.found if each == tag]


def test_text_from_others_is_escaped_everywhere():
    bar = Bar(
        ATTACK, START, END, "Failed", ((ATTACK, ATTACK),), linked((ATTACK, f"https://{ATTACK}"))
    )

    text = page(timeline(row(bar, name=ATTACK), name=ATTACK, note=ATTACK))

    found = Elements(text)
    assert len(found.of("script")) == 1
    assert found.of("img") == []
    assert not any(name.startswith("on") for _, given in found.found for name in given)
    assert "\u202e" not in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//example.com",
        "https://example.com/ x",
        "https://example.com/\n",
        None,
        7,
    ],
)
def test_only_web_addresses_become_links(url):
    assert linked(("x", url)) == ()


def test_the_policy_allows_only_the_style_and_script_of_the_page():
    text = page(timeline(row(Bar("Rollout", START, END))))

    policy = next(each["content"] for each in Elements(text).of("meta") if "http-equiv" in each)
    for tag in ("style", "script"):
        inner = text.partition(f"<{tag}>")[2].partition(f"</{tag}>")[0]
        digest = base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'")
    assert "style=" not in text


def test_a_page_loads_nothing_from_outside():
    text = page(timeline(row(Bar("Rollout", START, END))))

    found = Elements(text)
    assert not any("src" in given for _, given in found.found)
    assert found.of("link") == []
    assert "url(" not in text
    assert "@import" not in text


def test_each_bar_links_to_its_entry_in_the_list():
    # These bars are equal, but they are different objects.
    bars = [Bar("Rollout", START, END), Bar("Rollout", START, END)]

    found = Elements(page(timeline(row(*bars))))

    targets = [each["href"] for each in found.of("a") if each.get("class", "").startswith("bar ")]
    entries = [f"#{each['id']}" for each in found.of("li")]
    assert sorted(targets) == sorted(entries)
    assert len(set(targets)) == 2


def test_times_that_only_polls_show_are_marked():
    middle = START + timedelta(minutes=5)
    ended = Bar("Lint", START, middle, "Succeeded", started_by=middle, ended_after=START)
    going = Bar("Rollout", START, None, as_of=middle)

    text = page(timeline(row(ended), row(going)))

    assert "Action: Lint, Succeeded, after 09:00:00 UTC, for &lt;= 5m 00s" in text
    assert "Action: Rollout, at 09:00:00 UTC, for 5m 00s as of 09:05:00" in text
    assert text.count("<dd>after <time") == 1
    assert re.search(r"Lint +━+ +<= 5m 00s Succeeded", shown(timeline(row(ended, name="Lint"))))
    assert re.search(r"Rollout +━+ +5m 00s as of 09:05:00", shown(timeline(row(going))))


def test_a_run_without_bars_has_a_page():
    assert "Running" in page(timeline())


def test_nested_children_are_escaped():
    made = element("p", ["<", [element("b", "&")], Markup("<br>")], title='"')

    assert made == '<p title="&quot;">&lt;<b>&amp;</b><br></p>'


@pytest.mark.parametrize(
    "seconds, told",
    [
        (0, []),
        (9, ["2s", "4s", "6s", "8s"]),
        (742, ["5m", "10m"]),
        (7_300, ["30m", "1h", "1h 30m"]),
        (3 * 86_400, ["1d", "2d"]),
        (400 * 86_400, ["120d", "240d", "360d"]),
    ],
)
def test_the_axis_has_a_few_round_marks(seconds, told):
    marks = [text for _, text in Axis(START, START + timedelta(seconds=seconds)).marks()]

    assert marks == told


def shown(told, width=80):
    screen = io.StringIO()
    console = Console(file=screen, force_terminal=True, width=width, color_system=None)
    console.print(terminal_chart(told, width))
    return screen.getvalue()


def test_the_chart_marks_failures_without_color():
    bars = [
        Bar("Rollout", START, START + timedelta(minutes=3), "Failed"),
        Bar("Rollout, attempt 2", START + timedelta(minutes=3), END, "Succeeded"),
    ]

    (line,) = re.findall(r"Rollout.*", shown(timeline(row(*bars))))

    assert re.search(r"XXX━━━", line)
    assert "6m 00s Succeeded, 2 attempts" in line


@pytest.mark.parametrize("width", [40, 80, 200])
def test_the_chart_fits_the_terminal_and_has_no_control_characters(width):
    rows = [row(Bar(each, START, None), name=each) for each in (HOSTILE, STARTS_LIKE_A_COMMAND)]

    text = shown(timeline(*rows), width)

    assert all(len(line) <= width for line in text.splitlines())
    assert forged(text) == []
