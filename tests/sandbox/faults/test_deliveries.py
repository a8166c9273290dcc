import json

import pytest

from codepipeline_sandbox.faults import DeliveryFault
from codepipeline_sandbox.kernel.protocols import Delivery
from tests.sandbox.faults.conftest import HERE, REGION, THERE

STARTED = {"source": "aws.codepipeline", "detail-type": "Started", "detail": {}}
ENDED = {"source": "aws.codepipeline", "detail-type": "Ended", "detail": {}}


@pytest.fixture
def arrivals(cloud):
    began, seen = cloud.world.now, []

    def send(*names, every=10, **more):
        for number, name in enumerate(names):
            delivery = Delivery("event", HERE, REGION, "aws.x", name, **more)
            arrive = lambda name=name: seen.append((name, cloud.world.now - began))  # noqa: E731
            deliver = lambda d=delivery, a=arrive: cloud.faults.deliver(d, a)  # noqa: E731
            cloud.world.after(number * every, deliver)
        cloud.world.run()
        return seen

    return send


@pytest.mark.rule("F13")
def test_without_faults_everything_arrives_once_and_immediately(arrivals):
    assert arrivals("a", "b") == [("a", 0), ("b", 10)]


@pytest.mark.rule("F13")
@pytest.mark.parametrize(
    "fault, expected",
    [
        (DeliveryFault("dropped", times=1), [("b", 10), ("c", 20)]),
        (DeliveryFault("doubled", times=1), [("a", 0), ("a", 1), ("b", 10), ("c", 20)]),
        (
            DeliveryFault("doubled", times=1, seconds=15),
            [("a", 0), ("b", 10), ("a", 15), ("c", 20)],
        ),
        (DeliveryFault("delayed", seconds=15, times=1), [("b", 10), ("a", 15), ("c", 20)]),
        (DeliveryFault("reordered", times=1), [("b", 10), ("a", 11), ("c", 20)]),
        (DeliveryFault("reordered", times=1, behind=2), [("b", 10), ("c", 20), ("a", 21)]),
        (DeliveryFault("reordered", times=1, behind=9), [("b", 10), ("c", 20), ("a", 60)]),
        (DeliveryFault("dropped", detail_type="b"), [("a", 0), ("c", 20)]),
        (DeliveryFault("dropped", "event", source="aws.y"), [("a", 0), ("b", 10), ("c", 20)]),
    ],
)
def test_a_delivery_arrives_twice_late_out_of_order_or_not_at_all(cloud, arrivals, fault, expected):
    cloud.faults.add(fault)

    assert arrivals("a", "b", "c") == expected


@pytest.mark.rule("F13")
def test_only_a_delivery_selected_by_the_fault_is_reordered(cloud, arrivals):
    cloud.faults.add(DeliveryFault("reordered", "event", detail_type="a", times=1))

    assert arrivals("a", "b", "a") == [("b", 10), ("a", 20), ("a", 21)]


@pytest.mark.rule("F13")
def test_a_delay_can_vary_and_thereby_change_the_order(cloud, arrivals):
    cloud.faults.add(DeliveryFault("delayed", seconds=0, spread=60))

    seen = arrivals(*"abcdefgh", every=1)

    assert sorted(name for name, _ in seen) == list("abcdefgh")
    assert [name for name, _ in seen] != list("abcdefgh")
    assert all(time <= 67 for _, time in seen)


@pytest.mark.rule("F13")
def test_a_services_event_can_get_lost_on_its_way_to_the_bus(cloud):
    cloud.faults.add(DeliveryFault("dropped", "event", detail_type="Started", account=HERE))

    for account in (HERE, THERE):
        for event in (STARTED, ENDED):
            cloud.events.put(account, REGION, event)

    came = [(event["account"], event["detail-type"]) for event in cloud.events.log]
    assert came == [(HERE, "Ended"), (THERE, "Started"), (THERE, "Ended")]
    assert [strike.what for strike in cloud.faults.log] == ["event aws.codepipeline Started"]


@pytest.mark.rule("F13")
def test_an_event_that_is_delivered_twice_keeps_its_id(cloud):
    cloud.faults.add(DeliveryFault("doubled", "event"))

    cloud.events.put(HERE, REGION, STARTED)
    cloud.world.run()

    first, second = cloud.events.log
    assert first == second


@pytest.mark.rule("F13")
def test_a_rule_can_deliver_twice_to_its_target(cloud, client, bus, role):
    events = client("events")
    events.put_rule(Name="all", EventPattern=json.dumps({"source": ["aws.codepipeline"]}))
    forwarding = role("events.amazonaws.com", "events:PutEvents", bus)
    events.put_targets(Rule="all", Targets=[{"Id": "t", "Arn": bus, "RoleArn": forwarding}])
    cloud.faults.add(DeliveryFault("doubled", "target", source="aws.codepipeline"))

    cloud.events.put(HERE, REGION, STARTED)
    cloud.world.run()

    accounts = [event["account"] for event in cloud.events.log]
    # The event arrives once on its own bus and twice on the other bus.
    assert accounts == [HERE, HERE, HERE]
    assert cloud.events.undelivered == []
    assert [strike.what for strike in cloud.faults.log] == [
        f"target aws.codepipeline Started to {bus}"
    ]


@pytest.fixture
def bus(client):
    client("events", account=THERE).put_permission(
        StatementId="s", Action="events:PutEvents", Principal=HERE, EventBusName="default"
    )
    return f"arn:aws:events:{REGION}:{THERE}:event-bus/default"
