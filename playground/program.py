"""Code shared by the programs behind `make demo`, `make play` and `make sandbox`."""

from __future__ import annotations

import io
import os
import sys
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec

if TYPE_CHECKING:
    from collections.abc import Callable

_Arguments = ParamSpec("_Arguments")
_INTERRUPTED = 130


def program(main: Callable[_Arguments, int]) -> Callable[_Arguments, int]:
    """End a main function without a traceback on Ctrl-C or when the output's pipe closes.

    Characters that the output cannot encode are escaped.
    """

    @wraps(main)
    def run(*arguments: _Arguments.args, **more: _Arguments.kwargs) -> int:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")
        try:
            return main(*arguments, **more)
        except KeyboardInterrupt:
            print("\nInterrupted.", file=sys.stderr)  # noqa: T201 - command-line output
            return _INTERRUPTED
        except BrokenPipeError:  # The reader of the output has closed the pipe.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1

    return run
