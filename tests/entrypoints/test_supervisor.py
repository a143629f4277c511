"""The supervisor with real processes."""

import asyncio
import os
import signal
import socket
from pathlib import Path

import aiohttp

from voicebot.config import Settings
from voicebot.entrypoints.supervisor import Child, restart_pause, supervise
from voicebot.entrypoints.web.app import web_process


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def answers(port: int) -> bool:
    try:
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/healthz") as reply:
            return reply.status == 200
    except aiohttp.ClientConnectionError:
        return False


async def wait_until_it_answers(port: int) -> None:
    async with asyncio.timeout(60):
        while not await answers(port):  # noqa: ASYNC110  # another process, no event to wait for
            await asyncio.sleep(0.05)  # a real process starts in real time


def children_listening_on(port: int) -> list[int]:
    """Process ids that hold a listening socket on `port`."""
    inodes = {
        fields[9]
        for fields in (line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:])
        if fields[1].endswith(f":{port:04X}") and fields[3] == "0A"
    }
    found = []
    for fd in Path("/proc").glob("[0-9]*/fd/*"):
        try:
            if str(fd.readlink()).removeprefix("socket:[").removesuffix("]") in inodes:
                found.append(int(fd.parts[2]))
        except OSError:  # the process or its descriptor is gone already
            continue
    return found


def test_a_child_that_keeps_dying_young_is_restarted_ever_more_slowly() -> None:
    assert [restart_pause(failures) for failures in range(8)] == [0, 1, 2, 4, 8, 16, 30, 30]


async def test_a_killed_child_is_started_again_and_all_stop_when_told() -> None:
    port = free_port()
    stop = asyncio.Event()
    child = Child(name="web", target=web_process, args=(Settings(web_port=port),))
    running = asyncio.create_task(supervise([[child]], stop))
    await wait_until_it_answers(port)

    (pid,) = children_listening_on(port)
    os.kill(pid, signal.SIGKILL)
    await wait_until_it_answers(port)
    assert children_listening_on(port) != [pid]

    stop.set()
    await asyncio.wait_for(running, 15)
    assert not await answers(port)


async def test_waves_stop_one_after_another() -> None:
    first, second = free_port(), free_port()
    stop = asyncio.Event()
    waves = [
        [Child(name="lines", target=web_process, args=(Settings(web_port=first),))],
        [Child(name="web", target=web_process, args=(Settings(web_port=second),))],
    ]
    running = asyncio.create_task(supervise(waves, stop))
    await wait_until_it_answers(first)
    await wait_until_it_answers(second)
    stop.set()
    while await answers(first):
        assert await answers(second), "the second wave must outlive the first"
    await asyncio.wait_for(running, 15)
