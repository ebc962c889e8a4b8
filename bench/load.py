"""A closed loop of keep-alive connections that costs next to nothing, so that the server is what is measured."""

from __future__ import annotations

import asyncio
import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.traffic import Webhook

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
GRACE_SECONDS = 20.0


@dataclass
class Result:
    """What came back: latencies in seconds, statuses, and the messages that were acknowledged."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    acknowledged: list[str] = field(default_factory=list)
    broken: int = 0

    @property
    def rate(self) -> float:
        """Return acknowledged requests a second."""
        return len(self.acknowledged) / self.seconds if self.seconds else 0.0

    def percentile_ms(self, share: float) -> float:
        """Return a latency in milliseconds; 1.0 is the longest."""
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1e3 if ordered else 0.0


class _Caller(asyncio.Protocol):
    """One connection: sends the next request as soon as an answer is whole."""

    def __init__(self, requests: Iterator[Webhook], result: Result, ends_at: float) -> None:
        self._requests, self._result, self._ends_at = requests, result, ends_at
        self._buffer = b""
        self._sid: str | None = None
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        head, found, body = self._buffer.partition(b"\r\n\r\n")
        length = LENGTH.search(head)
        if not found or length is None or len(body) < int(length[1]):
            return
        self._result.latencies.append(time.perf_counter() - self._sent_at)
        status = int(head[9:12])
        self._result.statuses[status] += 1
        if status == 200 and self._sid is not None:
            self._result.acknowledged.append(self._sid)
        self._buffer, self._sid = b"", None
        self._send()

    def connection_lost(self, _error: Exception | None) -> None:
        if self._sid is not None:
            self._result.broken += 1
        if not self.done.done():
            self.done.set_result(None)

    def _send(self) -> None:
        request = next(self._requests, None) if time.perf_counter() < self._ends_at else None
        if request is None:
            self._transport.close()
            return
        self._sid, self._sent_at = request.sid, time.perf_counter()
        self._transport.write(request.payload)


def run(requests: Iterator[Webhook], *, port: int, connections: int, seconds: float) -> Result:
    """Send requests over some connections for some seconds."""
    return asyncio.run(_run(requests, port, connections, seconds))


async def _run(requests: Iterator[Webhook], port: int, connections: int, seconds: float) -> Result:
    loop, result = asyncio.get_running_loop(), Result()
    began = time.perf_counter()
    callers = []
    for _ in range(connections):
        _, caller = await loop.create_connection(
            lambda: _Caller(requests, result, began + seconds), "127.0.0.1", port
        )
        callers.append(caller)
    await asyncio.wait_for(asyncio.gather(*(caller.done for caller in callers)), seconds + GRACE_SECONDS)
    result.seconds = time.perf_counter() - began
    return result
