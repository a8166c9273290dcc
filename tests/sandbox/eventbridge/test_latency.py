import pytest

from codepipeline_sandbox.cloud import Cloud
from codepipeline_sandbox.codepipeline import Settings, settings

HERE, REGION = "111122223333", "eu-west-1"
EVENTS = 300


def deliveries(seed=7, **values):
    """Return how many seconds the delivery of each event took, and the events' IDs."""
    with Cloud(seed=seed) as cloud:
        settings.use(Settings(**values))
        session = cloud.session(HERE, REGION)
        events, topics = session.client("events"), session.client("sns")
        arn = topics.create_topic(Name="t")["TopicArn"]
        events.put_rule(Name="r", EventPattern='{"source": ["mine"]}')
        events.put_targets(Rule="r", Targets=[{"Id": "t", "Arn": arn}])
        began = cloud.world.now
        for _ in range(EVENTS):
            events.put_events(Entries=[{"Source": "mine", "DetailType": "t", "Detail": "{}"}])
        cloud.world.run()
        # The topic does not allow EventBridge to publish, so each delivery fails and is recorded.
        took = [lost.time - began for lost in cloud.events.undelivered]
        return took, [event["id"] for event in cloud.events.log]


@pytest.mark.rule("V18")
def test_every_event_takes_half_a_second_by_default():
    took, _ = deliveries()

    assert took == [pytest.approx(0.5)] * EVENTS


@pytest.mark.rule("V18")
def test_a_spread_delays_most_events_by_a_few_seconds_and_some_by_many():
    took, _ = deliveries(event_spread=9.5)

    assert 0.5 <= min(took) < 0.6
    assert 8 < max(took) <= 10
    assert sorted(took)[EVENTS // 2] < 3


@pytest.mark.rule("V18")
def test_the_delays_depend_only_on_the_seed_and_change_no_other_random_values():
    _, ids = deliveries(seed=7)
    first, spread_ids = deliveries(seed=7, event_latency=1, event_spread=5)
    again, _ = deliveries(seed=7, event_latency=1, event_spread=5)
    other, _ = deliveries(seed=8, event_latency=1, event_spread=5)

    assert first == again != other
    assert min(first) >= 1
    assert spread_ids == ids
