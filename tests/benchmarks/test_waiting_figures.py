from __future__ import annotations

from collections import Counter
from xml.etree import ElementTree as ET

import pytest

from benchmarks.waiting import __main__ as command
from benchmarks.waiting import figures, page, picture, playing, results
from benchmarks.waiting.measured import Answered, Measured, percentile, together
from benchmarks.waiting.peers import PEERS
from benchmarks.waiting.prices import Billed
from benchmarks.waiting.products import PRODUCTS
from benchmarks.waiting.targets import LIMITS, targets
from benchmarks.waiting.worlds import WORLDS, waits_of

TWO = Measured(
    [Answered(4.0, 10, 30, 90), Answered(8.0, 20, 60, 120, right=False, failed=True)],
    Counter({("GetState", "GetPipelineExecution"): 30, ("AssumeRole", "AssumeRole"): 2}),
    Counter({"GetState": 30, "AssumeRole": 2}),
    Billed(writes=40_000, reads=20_000, forwarded=6_000),
)
WITHIN = {
    "mean_delay_s": 1.5,
    "p99_delay_s": 29.0,
    "mean_delay_of_failures_s": 2.0,
    "aws_calls_per_hour": 24.0,
    "state_transitions_per_hour": 90.0,
    "usd_per_1000_hours": 2.5,
    "wrong_outcomes": 0,
}


def row(policy, world="history", **figures):
    return {"policy": policy, "world": world, **WITHIN, **figures}


def peer(name="client-10", world="history", delay=5.0, calls=360.0):
    return row(name, world, mean_delay_s=delay, aws_calls_per_hour=calls)


def missed(rows):
    return [target.what for target in targets(rows) if not target.reached]


def test_the_figures_are_per_hour_of_waiting():
    waits = waits_of("history", 2)
    waited = sum(wait.target.duration for wait in waits) / 3600

    made = figures.figures("orchestrator", "history", waits, TWO)

    assert made["mean_delay_s"] == 6.0
    assert made["standard_error_s"] == 2.0
    assert made["p50_delay_s"] == 4.0
    assert made["mean_delay_of_failures_s"] == 8.0
    assert made["polls_per_wait"] == 15.0
    assert made["aws_calls_per_hour"] == round(32 / waited, 2)
    assert made["state_transitions_per_hour"] == round(90 / waited, 2)
    assert made["max_history_events"] == 120
    assert made["wrong_outcomes"] == 1
    assert made["aws_calls_per_poll"] == 1.0
    assert made["other_aws_calls_per_wait"] == 1.0


def test_the_cost_includes_functions_states_tables_and_forwarded_events():
    made = figures.figures("waiter", "history", waits_of("history", 2), TWO)
    waited = sum(wait.target.duration for wait in waits_of("history", 2)) / 3600

    by_hand = 32 * 0.20e-6 + 32 * 0.120 * 0.125 * 0.0000133334 + 90 * 0.025e-3
    by_hand += 40_000 * 0.625e-6 + 20_000 * 0.125e-6 + 6_000 * 1e-6
    assert made["usd_per_1000_hours"] == round(1_000 * by_hand / waited, 2)


def test_the_parts_of_a_world_are_joined_in_order():
    whole = together([TWO, TWO])

    assert whole.answers == [*TWO.answers, *TWO.answers]
    assert whole.invocations == {"GetState": 60, "AssumeRole": 4}
    assert whole.billed == Billed(writes=80_000, reads=40_000, forwarded=12_000)


@pytest.mark.parametrize("share, value", [(0.5, 2), (0.95, 4), (0.25, 1), (0, 1), (1, 4)])
def test_a_percentile_is_one_of_the_values(share, value):
    assert percentile([3, 1, 4, 2], share) == value


def test_good_figures_reach_all_targets():
    rows = [row(name, world) for name, product in PRODUCTS.items() for world in product.worlds]
    rows += [peer(name, world) for name in PEERS for world in WORLDS]

    found = targets(rows)

    # One target per limit, and one per row: a product must have no wrong outcomes, and a peer must
    # not beat the product.
    assert len(found) == len(LIMITS) + len(rows)
    assert missed(rows) == []


@pytest.mark.parametrize("limit", LIMITS, ids=str)
def test_a_missed_limit_is_named(limit):
    (named,) = missed([row(limit.policy, limit.world, **{limit.figure: limit.most + 0.01})])

    assert named.startswith(f"{limit.policy}, {limit.world}: ")
    assert missed([row(limit.policy, limit.world, **{limit.figure: limit.most})]) == []


def test_a_wrong_outcome_is_a_miss_for_the_product_but_not_for_a_peer():
    rows = [row("orchestrator-polls", wrong_outcomes=1), peer() | {"wrong_outcomes": 1}]

    assert missed(rows) == ["orchestrator-polls, history: wrong outcomes"]


@pytest.mark.parametrize(
    "delay, calls, good", [(1.4, 23, False), (1.4, 25, True), (1.6, 23, True), (1.5, 24, True)]
)
def test_a_peer_may_be_better_in_delay_or_calls_but_not_in_both(delay, calls, good):
    found = missed([row("orchestrator"), peer(delay=delay, calls=calls)])

    assert (found == []) is good


def test_the_committed_results_are_within_all_limits():
    rows = results.load(results.FIGURES)

    measured = {(each["policy"], each["world"]) for each in rows}
    assert {(limit.policy, limit.world) for limit in LIMITS} <= measured, "run `make bench`"
    assert missed(rows) == []


def test_the_quoted_figures_match_the_measured_ones():
    text = page.PAGE.read_text("utf-8")

    assert "made by `make generate`: waiting" in text
    assert page.with_figures(text) == text, "run `make generate`"
    assert page.PICTURE.read_text("utf-8") == page.drawn(), "run `make generate`"


def test_all_policies_have_figures_for_all_worlds():
    committed = results.load(results.FIGURES)

    assert [(each["world"], each["policy"]) for each in committed] == [
        (world, policy) for world in WORLDS for policy in playing.policies_of(world)
    ]
    assert len({each["waits"] for each in committed}) == 1


def test_the_picture_shows_every_policy_and_the_bound():
    shown = ("orchestrator", "orchestrator-polls", "waiter", "client-10", "bound")
    rows = [*map(row, shown)]

    drawn = ET.fromstring(picture.svg(rows))  # noqa: S314 - our own

    named = [text.text for text in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert set(shown) <= set(named)
    assert len(list(drawn.iter("{http://www.w3.org/2000/svg}circle"))) == 5


def test_the_error_for_an_unknown_world_names_it(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["bench", "--world", "history,moon"])

    with pytest.raises(SystemExit):
        command.main()
    assert "moon is not one of history, no-history, approvals" in capsys.readouterr().err


def test_figures_for_a_part_of_the_policies_are_printed_but_not_saved(monkeypatch, capsys):
    monkeypatch.setattr("sys.argv", ["bench", "--waits", "2", "--policy", "waiter,client-10"])
    played = dict.fromkeys(["waiter", "client-10"], TWO)
    monkeypatch.setattr(playing, "play", lambda worlds, *_: ((world, played) for world in worlds))
    monkeypatch.setattr(results, "save", lambda *_: pytest.fail("kept"))

    status = command.main()

    output = capsys.readouterr().out
    assert status == 0
    assert "history: 2 waits" in output
    assert "client-10" in output
    assert "orchestrator" not in output
