"""The figures are made from what was measured, and what is quoted is what was committed."""

from __future__ import annotations

from collections import Counter
from xml.etree import ElementTree as ET

import pytest

from benchmarks.waiting import __main__ as command
from benchmarks.waiting import figures, page, picture, playing, results
from benchmarks.waiting.measured import Answered, Measured, percentile, together
from benchmarks.waiting.targets import targets
from benchmarks.waiting.worlds import WORLDS, waits_of

TWO = Measured(
    [Answered(4.0, 10, 30, 90), Answered(8.0, 20, 60, 120, right=False, failed=True)],
    Counter({("GetState", "GetPipelineExecution"): 30, ("AssumeRole", "AssumeRole"): 2}),
    Counter({"GetState": 30, "AssumeRole": 2}),
)


def row(policy, world="history", delay=4.0, calls=100.0, **more):
    defaults = {"wrong_outcomes": 0, "aws_calls_per_poll": 1.2}
    named = {"policy": policy, "world": world}
    return {**named, "mean_delay_s": delay, "aws_calls_per_hour": calls, **defaults, **more}


def world_of(ours, world="history"):
    peers = [row(peer, world, 15.0, 380.0) for peer in ("waiter", "aws-sample", "fixed-30")]
    return [ours, *peers, row("client-10", world, 5.0, 360.0), row("bound", world, 3.5, 50.0)]


def missed(rows):
    return [target.what for target in targets(rows) if not target.reached]


def test_the_figures_are_per_waited_hour():
    # given two waits
    waits = waits_of("history", 2)
    waited = sum(wait.target.duration for wait in waits) / 3600

    # when
    made = figures.figures("orchestrator", "history", waits, TWO)

    # then
    assert made["mean_delay_s"] == 6.0
    assert made["p50_delay_s"] == 4.0
    assert made["mean_delay_of_failures_s"] == 8.0
    assert made["polls_per_wait"] == 15.0
    assert made["aws_calls_per_hour"] == round(32 / waited, 2)
    assert made["state_transitions_per_hour"] == round(90 / waited, 2)
    assert made["max_history_events"] == 120
    assert made["wrong_outcomes"] == 1
    assert made["aws_calls_per_poll"] == 1.0
    assert made["other_aws_calls_per_wait"] == 1.0


def test_money_is_that_of_requests_seconds_and_states():
    made = figures.figures("waiter", "history", waits_of("history", 2), TWO)
    waited = sum(wait.target.duration for wait in waits_of("history", 2)) / 3600

    by_hand = 32 * 0.20e-6 + 32 * 0.120 * 0.125 * 0.0000133334 + 90 * 0.025e-3
    assert made["usd_per_1000_hours"] == round(1_000 * by_hand / waited, 2)


def test_parts_of_a_world_are_one_in_their_order():
    whole = together([TWO, TWO])

    assert whole.answers == [*TWO.answers, *TWO.answers]
    assert whole.invocations == {"GetState": 60, "AssumeRole": 4}


@pytest.mark.parametrize("share, value", [(0.5, 2), (0.95, 4), (0.25, 1), (0, 1), (1, 4)])
def test_a_percentile_is_one_of_the_values(share, value):
    assert percentile([3, 1, 4, 2], share) == value


def test_good_figures_reach_all_targets():
    assert missed(world_of(row("orchestrator"))) == []


@pytest.mark.parametrize(
    "ours, what",
    [
        ({"delay": 4.5}, ["history: mean delay, 1.25 times the bound's"]),
        ({"calls": 191.0}, ["history: AWS calls an hour, 1/2 of the waiter's"]),
        ({"wrong_outcomes": 1}, ["history: wrong outcomes"]),
        ({"aws_calls_per_poll": 1.4}, ["history: AWS calls of a poll"]),
    ],
)
def test_a_missed_target_is_named(ours, what):
    assert missed(world_of(row("orchestrator", **ours))) == what


def test_a_peer_that_is_better_in_delay_and_calls_is_told():
    found = missed(world_of(row("orchestrator", delay=5.5, calls=361.0)))

    assert "history: delay or AWS calls as a share of client-10's, the less" in found
    assert "history: delay or AWS calls as a share of waiter's, the less" not in found


@pytest.mark.parametrize(
    "world, ours", [("no-history", {"delay": 15.1}), ("approvals", {"calls": 38.1})]
)
def test_each_world_has_its_own_targets(world, ours):
    assert len(missed(world_of(row("orchestrator", world, **ours), world))) == 1


def test_what_is_quoted_is_what_was_measured():
    for each in page.PAGES:
        text = each.read_text("utf-8")
        assert "made by `make generate`: waiting" in text
        assert page.with_figures(text) == text, "run `make generate`"
    assert page.PICTURE.read_text("utf-8") == page.drawn(), "run `make generate`"


def test_all_policies_have_figures_for_all_worlds():
    committed = results.load(results.FIGURES)

    assert [(each["world"], each["policy"]) for each in committed] == [
        (world, policy) for world in WORLDS for policy in playing.POLICIES
    ]
    assert len({each["waits"] for each in committed}) == 1


def test_the_picture_shows_every_policy_and_the_bound_as_a_line():
    # given
    rows = world_of(row("orchestrator"))
    curve = playing.curve_figures("history", 2)

    # when
    drawn = ET.fromstring(picture.svg(rows, curve))  # noqa: S314 - our own

    # then
    named = [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert {"orchestrator", "waiter", "aws-sample", "fixed-30", "client-10"} <= set(named)
    assert len(list(drawn.iter("{http://www.w3.org/2000/svg}circle"))) == 5
    assert len(list(drawn.iter("{http://www.w3.org/2000/svg}polyline"))) == 1


def test_the_curve_is_printed_without_the_product(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["bench", "--curve", "--waits", "2", "--world", "history"])

    assert command.main() == 0
    assert len(capsys.readouterr().out.splitlines()) == 2 + len(playing.CURVE_PRICES)


def test_an_unknown_world_is_refused_by_name(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["bench", "--world", "history,moon"])

    with pytest.raises(SystemExit):
        command.main()
    assert "moon is none of history, no-history, approvals" in capsys.readouterr().err


def test_a_part_is_printed_and_not_kept(monkeypatch, capsys):
    # given
    monkeypatch.setattr("sys.argv", ["bench", "--waits", "2", "--policy", "waiter,client-10"])
    played = dict.fromkeys(playing.POLICIES, TWO)
    monkeypatch.setattr(playing, "play", lambda worlds, *_: ((world, played) for world in worlds))
    monkeypatch.setattr(results, "save", lambda *_: pytest.fail("kept"))

    # when
    status = command.main()

    # then
    told = capsys.readouterr().out
    assert status == 0
    assert "history: 2 waits" in told
    assert "client-10" in told
    assert "orchestrator" not in told
