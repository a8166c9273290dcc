"""Emitters that share handler tables behave like botocore's own."""

from __future__ import annotations

import copy

import pytest
from botocore.hooks import HierarchicalEmitter

from codepipeline_sandbox.kernel.patches import Patches
from codepipeline_sandbox.patches import event_tables


@pytest.fixture(autouse=True)
def _installed():
    with Patches() as patches:
        event_tables.install(patches)
        yield


def names(emitter, event="before-send.sts.AssumeRole"):
    return [answer for _, answer in emitter.emit(event)]


def emitter_of(*registrations):
    emitter = HierarchicalEmitter()
    for event, name in registrations:
        emitter.register(event, handler(name))
    return emitter


def handler(name):
    return lambda **_: name


def test_handlers_are_called_from_the_most_to_the_least_specific_including_wildcards():
    emitter = emitter_of(
        ("before-send", "all"), ("before-send.sts", "service"), ("before-send.*.AssumeRole", "any")
    )
    emitter.register_first("before-send.sts", handler("first"))
    emitter.register_last("before-send.sts", handler("last"))

    assert names(emitter) == ["any", "first", "service", "last", "all"]


def test_handlers_added_to_a_copy_or_its_original_stay_separate():
    # given
    original = emitter_of(("before-send.sts", "shared"))
    other = copy.copy(original)

    # when
    original.register("before-send.sts", handler("original's"))
    other.register("before-send.sts.AssumeRole", handler("copy's"))

    # then
    assert names(original) == ["shared", "original's"]
    assert names(other) == ["copy's", "shared"]


def test_a_handler_removed_from_a_copy_stays_in_the_original():
    # given
    original, gone = emitter_of(("before-send", "stays")), handler("gone")
    original.register("before-send.sts", gone)
    other = copy.copy(original)

    # when
    other.unregister("before-send.sts", gone)

    # then
    assert names(other) == ["stays"]
    assert names(original) == ["gone", "stays"]
