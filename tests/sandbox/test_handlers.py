"""Tables of event handlers that share what they have in common behave as botocore's own."""

from __future__ import annotations

import copy

from botocore.hooks import HierarchicalEmitter

from sandbox import handlers

handlers.install()


def names(emitter, event="before-send.sts.AssumeRole"):
    """The handlers that an event comes to, in order."""
    return [answer for _, answer in emitter.emit(event)]


def emitter_of(*registrations):
    emitter = HierarchicalEmitter()
    for event, name in registrations:
        emitter.register(event, handler(name))
    return emitter


def handler(name):
    return lambda **_: name


def test_handlers_come_from_the_most_specific_to_the_least_with_wildcards():
    emitter = emitter_of(
        ("before-send", "all"), ("before-send.sts", "service"), ("before-send.*.AssumeRole", "any")
    )
    emitter.register_first("before-send.sts", handler("first"))
    emitter.register_last("before-send.sts", handler("last"))

    assert names(emitter) == ["any", "first", "service", "last", "all"]


def test_a_copy_and_its_original_do_not_hear_of_each_other():
    # given
    original = emitter_of(("before-send.sts", "shared"))
    other = copy.copy(original)

    # when
    original.register("before-send.sts", handler("original's"))
    other.register("before-send.sts.AssumeRole", handler("copy's"))

    # then
    assert names(original) == ["shared", "original's"]
    assert names(other) == ["copy's", "shared"]


def test_what_a_copy_removes_stays_with_the_original():
    # given
    original, gone = emitter_of(("before-send", "stays")), handler("gone")
    original.register("before-send.sts", gone)
    other = copy.copy(original)

    # when
    other.unregister("before-send.sts", gone)

    # then
    assert names(other) == ["stays"]
    assert names(original) == ["gone", "stays"]
