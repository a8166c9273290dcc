"""AWS calls of tasks take time, let others go on, and can be intercepted."""

from functools import partial

import pytest
from botocore.exceptions import ConnectionClosedError

from sandbox.cloud import Cloud
from sandbox.world import TaskKilled


@pytest.fixture
def cloud():
    with Cloud(seed=3, latency=0.5) as cloud:
        yield cloud


def caller(cloud):
    sts = cloud.session("111122223333", "eu-west-1").client("sts")
    return lambda: sts.get_caller_identity()["Account"]


def test_a_call_of_a_task_takes_the_latency(cloud):
    start, call = cloud.world.now, caller(cloud)

    task = cloud.world.spawn(lambda: (call(), call(), cloud.world.now - start))

    assert cloud.world.result_of(task.outcome) == ("111122223333", "111122223333", 1.0)


def test_a_call_outside_tasks_is_answered_at_once(cloud):
    start = cloud.world.now

    assert caller(cloud)() == "111122223333"
    assert cloud.world.now == start


def test_a_call_takes_effect_once(cloud):
    events = cloud.session("111122223333", "eu-west-1").client("events")
    entry = {"Source": "mine", "DetailType": "t", "Detail": '{"a": 1}'}
    cloud.world.spawn(lambda: events.put_events(Entries=[entry]))

    cloud.world.run()
    assert len(cloud.events.log) == 1

    events.put_events(Entries=[entry])
    assert len(cloud.events.log) == 2


def test_two_tasks_interleave_at_their_calls(cloud):
    seen, call = [], caller(cloud)

    def work(name):
        for step in range(3):
            call()
            seen.append((name, step))

    for name in "ab":
        cloud.world.spawn(partial(work, name))
    cloud.world.run()

    assert {name for name, _ in seen[:3]} == {"a", "b"}


def test_an_answer_can_be_lost_after_the_call_took_effect(cloud):
    s3 = cloud.session("111122223333", "us-east-1").client("s3")
    lost: list[str] = []

    def lose_the_first(call, proceed):
        answer = proceed()
        if not lost:
            lost.append(call.operation)
            raise ConnectionClosedError(endpoint_url=call.request.url)
        return answer

    cloud.interceptors.append(lose_the_first)
    task = cloud.world.spawn(lambda: s3.create_bucket(Bucket="bucket"))

    cloud.world.run()

    assert lost == ["CreateBucket"]
    assert task.outcome.done
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["bucket"]


def test_a_task_can_be_killed_before_its_call_takes_effect(cloud):
    s3 = cloud.session("111122223333", "us-east-1").client("s3")
    cloud.interceptors.append(lambda call, _proceed: call.task.kill())
    task = cloud.world.spawn(lambda: s3.create_bucket(Bucket="bucket"))

    cloud.world.run()

    assert not task.alive
    assert s3.list_buckets()["Buckets"] == []
    with pytest.raises(TaskKilled):
        task.outcome.result()


def test_a_call_that_the_sandbox_cannot_answer_breaks_the_world_whatever_the_caller_does(cloud):
    sts = cloud.session("111122223333", "eu-west-1").client("sts")

    def call():
        try:
            sts.get_session_token()
        except Exception as error:  # noqa: BLE001 - as a function may do
            return str(error)

    task = cloud.world.spawn(call)

    with pytest.raises(NotImplementedError, match="GetSessionToken"):
        cloud.world.result_of(task.outcome)
    assert "GetSessionToken" in task.outcome.result()
    cloud.world.run()  # it goes on for whoever has seen it


def test_the_same_seed_interleaves_in_the_same_order():
    def history(seed):
        with Cloud(seed=seed) as cloud:
            seen, call = [], caller(cloud)

            def work(name):
                call()
                seen.append(name)

            for name in "abc":
                cloud.world.spawn(partial(work, name))
            cloud.world.run()
            return seen

    assert history(1) == history(1)
    assert len({tuple(history(seed)) for seed in range(6)}) > 1
