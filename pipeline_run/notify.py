"""Notify someone who is not looking at the terminal."""

from __future__ import annotations

import sys

from codepipeline_orchestrator.text import cut
from pipeline_run.output import one_line

_LONGEST = 200  # characters
_NOTIFICATION = "\x1b]9;{}\x1b\\"  # OSC 9; terminals without support for it ignore it
_BELL = "\a"  # also reaches terminals through tmux and screen


def notify(text: str) -> None:
    """Ring the bell, and show the text as a desktop notification if the terminal can.

    Does nothing without a terminal.
    """
    for stream in (sys.stderr, sys.stdout):
        if stream.isatty():
            shown = cut(one_line(f"pipeline-run: {text}"), _LONGEST)
            stream.write(_NOTIFICATION.format(shown) + _BELL)
            stream.flush()
            return
