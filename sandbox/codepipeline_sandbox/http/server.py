"""A single-threaded server that advances the world and answers requests in between.

One event loop reads requests as they arrive and answers only complete ones. A slow or silent client
therefore does not block others.
"""

from __future__ import annotations

import asyncio
import signal
import traceback
from contextlib import suppress
from typing import TYPE_CHECKING

from codepipeline_sandbox.http import messages
from codepipeline_sandbox.http.gateway import Gateway
from codepipeline_sandbox.http.messages import BadRequest, Response

if TYPE_CHECKING:
    from asyncio import StreamReader, StreamWriter
    from collections.abc import Callable
    from socket import socket

    from codepipeline_sandbox.http.clock import Clock
    from codepipeline_sandbox.http.messages import Request

_PATIENCE = 30.0  # seconds to wait for a client to send a request or to accept a response


class Server:
    """Serves the sandbox on a port. Calls `happened` each time the world has advanced."""

    def __init__(self, clock: Clock, happened: Callable[[], None]) -> None:
        self._clock = clock
        self._happened = happened
        self._gateway = Gateway()
        self._asked = asyncio.Event()
        self._stopped = False

    async def run(self, port: socket) -> None:
        """Serve on a listening socket until Ctrl-C or SIGTERM."""
        # A signal handler runs between callbacks. A KeyboardInterrupt could interrupt a callback.
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, self._stop)
        server = await asyncio.start_server(self._serve, sock=port, limit=messages.LONGEST_HEAD)
        await self._keep_time()
        server.close()  # Closing does not wait for clients that keep connections open.

    async def _keep_time(self) -> None:
        while not self._stopped:
            pause = self._advance()
            self._happened()
            # A request may have scheduled an earlier event.
            with suppress(TimeoutError):
                await asyncio.wait_for(self._asked.wait(), pause)
            self._asked.clear()

    def _advance(self) -> float:
        """Advance the world. An unexpected error is printed, and the world continues."""
        try:
            return self._clock.advance()
        except Exception:  # noqa: BLE001 - printed, and the next event still happens
            traceback.print_exc()
            return 0.0

    def _stop(self) -> None:
        self._stopped = True
        self._asked.set()

    async def _serve(self, reader: StreamReader, writer: StreamWriter) -> None:
        try:
            while await self._answer_one(reader, writer):
                pass
        except (TimeoutError, ConnectionError, asyncio.CancelledError):
            pass  # the client is gone or too slow, or the server is stopping
        finally:
            writer.close()

    async def _answer_one(self, reader: StreamReader, writer: StreamWriter) -> bool:
        """Respond to the next request. Returns whether the connection stays open."""
        keep_alive = False
        try:
            request = await asyncio.wait_for(messages.read(reader, writer), _PATIENCE)
        except BadRequest as error:
            headers = [("Content-Type", "text/plain; charset=utf-8")]
            response, with_body = Response(error.status, headers, f"{error}\n".encode()), True
        else:
            if request is None:
                return False
            response, with_body = self._answer(request), request.method != "HEAD"
            keep_alive = request.keep_alive
        await self._let_pass(response.delay)
        if response.lost:
            return False
        writer.write(response.encoded(with_body=with_body, keep_alive=keep_alive))
        await asyncio.wait_for(writer.drain(), _PATIENCE)
        return keep_alive

    async def _let_pass(self, seconds: float) -> None:
        """Wait for this much world time to pass, while responding to other requests."""
        if seconds > 0:
            over = asyncio.Event()
            self._clock.after(seconds, over.set)
            self._asked.set()
            await over.wait()

    def _answer(self, request: Request) -> Response:
        self._advance()
        response = self._gateway.answer(request)
        self._asked.set()
        return response
