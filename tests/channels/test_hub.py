"""The streams of a conversation hear what happened."""

import asyncio

from channels.inbox.hub import MAX_BEHIND, MAX_STREAMS, Hub, Signal


def test_one_stream_too_many_closes_the_oldest() -> None:
    async def scenario() -> None:
        hub = Hub()
        held = [hub.listen("web:a") for _ in range(MAX_STREAMS + 1)]
        queues = [listener.__enter__() for listener in held]
        assert queues[0].get_nowait().kind == "close"
        hub.tell("web:a", Signal("log"))
        assert [queue.qsize() for queue in queues] == [0] + [1] * MAX_STREAMS
        for listener in held:
            listener.__exit__(None, None, None)
        assert not hub._listeners

    asyncio.run(scenario())


def test_a_stream_that_does_not_keep_up_is_closed() -> None:
    async def scenario() -> None:
        hub = Hub()
        with hub.listen("web:a") as queue:
            for _ in range(MAX_BEHIND + 1):
                hub.tell("web:a", Signal("log"))
            assert queue.get_nowait().kind == "close"

    asyncio.run(scenario())
