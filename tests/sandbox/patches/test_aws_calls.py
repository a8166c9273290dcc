"""AWS calls made by tasks take time, give other tasks a turn, and can be intercepted."""

from functools import partial

import pytest
from botocore.exceptions import ConnectionClosedError

from codepipeline_sandbox.cloud import Cloud
from codepipeline_sandbox.kernel.world import TaskKilled


@pytest.fixture
def slow_cloud():
    with Cloud(seed=3, latency=0.5) as cloud:
        yield cloud


def caller(cloud):
    sts = cloud.session("111122223333", "eu-west-1").client("sts")
    return lambda: sts.get_caller_identity()["Account"]


def test_a_call_made_by_a_task_takes_the_configured_latency(slow_cloud):
    start, call = slow_cloud.world.now, caller(slow_cloud)

    task = slow_cloud.world.spawn(lambda: (call(), call(), slow_cloud.world.now - start))

    assert slow_cloud.world.result_of(task.outcome) == ("111122223333", "111122223333", 1.0)


def test_a_call_made_outside_tasks_is_answered_immediately(slow_cloud):
    start = slow_cloud.world.now

    assert caller(slow_cloud)() == "111122223333"
    assert slow_cloud.world.now == start


def test_a_call_takes_effect_once(slow_cloud):
    events = slow_cloud.session("111122223333", "eu-west-1").client("events")
    entry = {"Source": "mine", "DetailType": "t", "Detail": '{"a": 1}'}
    slow_cloud.world.spawn(lambda: events.put_events(Entries=[entry]))

    slow_cloud.world.run()
    assert len(slow_cloud.events.log) == 1

    events.put_events(Entries=[entry])
    assert len(slow_cloud.events.log) == 2


def test_two_tasks_interleave_at_their_calls(slow_cloud):
    seen, call = [], caller(slow_cloud)

    def work(name):
        for step in range(3):
            call()
            seen.append((name, step))

    for name in "ab":
        slow_cloud.world.spawn(partial(work, name))
    slow_cloud.world.run()

    assert {name for name, _ in seen[:3]} == {"a", "b"}


def test_an_answer_can_be_lost_after_the_call_has_taken_effect(slow_cloud):
    s3 = slow_cloud.session("111122223333", "us-east-1").client("s3")
    lost: list[str] = []

    def lose_the_first(call, proceed):
        answer = proceed()
        if not lost:
            lost.append(call.operation)
            raise ConnectionClosedError(endpoint_url=call.request.url)
        return answer

    slow_cloud.interceptors.append(lose_the_first)
    task = slow_cloud.world.spawn(lambda: s3.create_bucket(Bucket="bucket"))

    slow_cloud.world.run()

    assert lost == ["CreateBucket"]
    assert task.outcome.done
    assert [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]] == ["bucket"]


def test_a_task_can_be_killed_before_its_call_takes_effect(slow_cloud):
    s3 = slow_cloud.session("111122223333", "us-east-1").client("s3")
    slow_cloud.interceptors.append(lambda call, _proceed: call.task.kill())
    task = slow_cloud.world.spawn(lambda: s3.create_bucket(Bucket="bucket"))

    slow_cloud.world.run()

    assert not task.alive
    assert s3.list_buckets()["Buckets"] == []
    with pytest.raises(TaskKilled):
        task.outcome.result()


def test_an_unsupported_call_breaks_the_world_even_if_the_caller_catches_the_error(
    slow_cloud,
):
    sts = slow_cloud.session("111122223333", "eu-west-1").client("sts")

    def call():
        try:
            sts.get_session_token()
        except Exception as error:  # noqa: BLE001 - as a function may do
            return str(error)

    task = slow_cloud.world.spawn(call)

    with pytest.raises(NotImplementedError, match="GetSessionToken"):
        slow_cloud.world.result_of(task.outcome)
    assert "GetSessionToken" in task.outcome.result()
    slow_cloud.world.run()  # The error is raised only once.


def test_the_same_seed_interleaves_tasks_in_the_same_order():
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
