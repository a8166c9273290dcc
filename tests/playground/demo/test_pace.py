from __future__ import annotations

from playground.demo.pace import Pace


class RealTime:
    def __init__(self) -> None:
        self.now = 50.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def paced(speed: float | None) -> tuple[Pace, RealTime]:
    real = RealTime()
    return Pace(speed, clock=real, sleep=real.sleep), real


def test_the_speed_sets_how_many_seconds_of_the_world_pass_per_second() -> None:
    pace, real = paced(100)

    moments = list(pace.way(1000, 1050))

    assert round(real.now - 50, 6) == 0.5
    assert moments[0] == 1000
    assert moments == sorted(moments)
    assert 1040 < moments[-1] < 1050


def test_a_long_time_without_events_is_shortened() -> None:
    pace, real = paced(1)

    moments = list(pace.way(0, 3600))

    assert real.now - 50 < 1
    assert max(moments) < 3600


def test_time_spent_computing_counts_toward_the_pace() -> None:
    pace, real = paced(100)

    real.now += 0.3
    list(pace.way(0, 50))

    assert round(real.now - 50, 6) == 0.5


def test_a_pace_that_falls_behind_skips_intermediate_moments() -> None:
    pace, real = paced(100)

    real.now += 5

    assert list(pace.way(0, 50)) == []


def test_a_pause_for_the_reader_is_kept() -> None:
    pace, real = paced(100)

    pace.hold(2)
    moments = list(pace.way(0, 50))
    at_once = list(pace.way(50, 50))

    assert round(real.now - 50, 6) == 2.5
    assert moments[0] == moments[1] == 0
    assert at_once == []


def test_the_fastest_speed_shows_no_moments_and_does_not_sleep() -> None:
    pace, real = paced(None)

    pace.hold(2)

    assert list(pace.way(0, 3600)) == []
    assert real.now == 50
