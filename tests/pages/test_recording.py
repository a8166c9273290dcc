from __future__ import annotations

import os
import re
import time
from xml.etree.ElementTree import fromstring

from docs.recording import PICTURE, Terminal, picture, recorded, without_ids

SCREENS = [
    ["\x1b[2mrun\x1b[0m  one", "\x1b[91mrunning\x1b[0m"],
    ["\x1b[2mrun\x1b[0m  one", "failed <"],
]


def texts(svg):
    rows = fromstring(svg).iter("{http://www.w3.org/2000/svg}text")  # noqa: S314 - our own
    return [(row.get("class"), row.get("style"), "|".join(row.itertext())) for row in rows]


def test_the_picture_in_the_readme_is_what_the_command_shows():
    zone = time.tzname
    screens = recorded()

    assert without_ids(picture(screens)) == without_ids(PICTURE.read_text("utf-8")), "make generate"
    assert "● Build" in re.sub(r"\x1b\[[0-9;]*m", "", "\n".join(screens[2]))
    assert "3 of 8 hosts are not healthy" in re.sub(r"\n", "", "".join(screens[-1]))
    assert len(PICTURE.read_bytes()) < 20_000
    assert (time.tzname, os.environ.get("TERM")) == (zone, os.environ.get("TERM"))


def test_a_row_is_shown_until_it_changes_and_the_last_screen_stays():
    drawn = texts(picture(SCREENS))

    assert drawn == [
        ("bold", None, "$ pipeline-run watch"),
        (None, None, "run|one"),
        ("frame", "animation-duration:0.8s;animation-delay:0s", "running"),
        ("last", "animation-duration:0.8s", "failed <"),
    ]


def test_without_motion_the_last_screen_is_shown():
    svg = picture(SCREENS)

    assert ".frame { opacity: 0;" in svg
    assert "(prefers-reduced-motion: reduce) { .frame, .last { animation: none } }" in svg


def test_colors_have_a_class_for_light_and_dark_mode():
    svg = picture(SCREENS)

    assert '<tspan x="18" class="dim">run</tspan>' in svg
    assert '<tspan x="18" class="red">running</tspan>' in svg
    assert svg.count(".red {") == 2


def test_a_long_line_continues_on_the_next_row():
    assert [text for *_, text in texts(picture([["a" * 150]]))][1:] == ["a" * 100, "a" * 50]


def test_a_terminal_shows_what_was_written_last():
    terminal = Terminal()
    terminal.write("one\ntwo\n")
    terminal.write("\r\x1b[1A\x1b[2K\x1b[1A\x1b[2Kthree\n\x1b[?25l\x1b[1mfour\x1b[0m")

    assert terminal.screen() == ["three", "\x1b[1mfour\x1b[0m", ""]
