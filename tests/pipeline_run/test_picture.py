"""How runs are drawn on a terminal."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from codepipeline_orchestrator.model.progress import PendingApproval, Progress
from pipeline_run.picture import picture
from pipeline_run.screen import Picture
from pipeline_run.stages import Stage
from tests.pipeline_run.described import START
from tests.pipeline_run.pictures import (
    APPROVAL,
    FILES,
    HEIGHT,
    RUNNING,
    SCENES,
    WIDTHS,
    ZONE,
    after,
    all_pictures,
    console,
    ended,
    text_of,
    view,
)

_COLOR = re.compile(r"\x1b\[[0-9;]*\b[349][0-8]")  # foreground and background


def codes_of(*views, **more):
    """What is sent to a terminal of 80 columns."""
    on = console(80, **more)
    on.print(picture(views, 80, HEIGHT))
    return on.file.getvalue()


@pytest.mark.parametrize("width", WIDTHS)
def test_the_pictures_that_people_have_looked_at_are_up_to_date(set_zone, width):
    set_zone(ZONE)

    assert text_of(width) == (FILES / f"{width}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("width", [1, 8, 20, 40, 80])
def test_no_line_is_wider_than_the_terminal(width):
    lines = all_pictures(console(width)).export_text().splitlines()

    assert max(map(len, lines)) <= width


def test_a_running_target_is_cyan_and_without_colors_the_marks_remain():
    assert "\x1b[36m●" in codes_of(RUNNING)
    assert _COLOR.search(codes_of(RUNNING))
    for views in SCENES.values():
        plain = codes_of(*views, no_color=True)
        assert not _COLOR.search(plain)


def test_names_cannot_send_commands_to_the_terminal_or_begin_a_line():
    approval = PendingApproval("Ask\x1b]0;title\a\n✓ forged")
    text = codes_of(view(Progress("S\x1b[2J", (), approval)), color_system=None)

    assert r"S\u001b[2J" in text
    assert "\a" not in text
    assert "\x1b" not in text
    assert not re.search(r"^ *✓ forged", text, re.MULTILINE)


@pytest.mark.parametrize("link", ["javascript:alert(1)", "https://x.example/\x1b\\\x1b]0;t\a"])
def test_only_a_web_address_becomes_a_link(link):
    snapshot = replace(APPROVAL.snapshot.snapshot, link=link)
    text = codes_of(replace(APPROVAL, snapshot=replace(APPROVAL.snapshot, snapshot=snapshot)))

    assert "\x1b]8;" in codes_of(APPROVAL)
    assert "\x1b]" not in text


def test_whatever_the_clock_shows_no_time_is_negative():
    text = codes_of(replace(APPROVAL, now=START - timedelta(hours=1)), color_system=None)

    assert "0s so far" in text
    assert " 14%" in text
    assert "-" not in re.sub(r"https://\S+|\S+-\S+", "", text)


def test_progress_is_not_shown_once_the_stages_are_ahead_of_the_last_poll():
    ahead = replace(RUNNING, stages=[Stage("Build", "Succeeded"), Stage("Test", "InProgress")])
    between = replace(RUNNING, stages=[Stage("Build", "Succeeded"), Stage("Test", None)])

    assert "In stage Build" not in codes_of(ahead)
    assert "● Test" in codes_of(ahead, color_system=None)
    assert "In stage Build" in codes_of(between)


def test_the_last_picture_stays_above_the_result(capsys):
    (failed,) = SCENES["The target has failed"]
    on = console(80)

    Picture(on).show([[RUNNING], [failed]])

    assert "\x1b[2K" in on.file.getvalue()  # erases a line
    assert "\x1b[2K" not in on.file.getvalue().rpartition("took 2m 35s")[2]
    assert "Failed after 2m 35s: The message." in capsys.readouterr().out


def test_the_time_of_a_stage_that_a_run_left_in_progress_ends_with_the_run():
    left = Stage("Deploy", "InProgress", after(20))
    shown = view(seconds=4_000, stages=[left], of=ended("TimedOut", 300))

    assert re.search(r"Deploy\S* .*4m 40s", codes_of(shown, no_color=True))
