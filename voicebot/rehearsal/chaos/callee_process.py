"""The called people as a process of their own: it outlives whatever is killed."""

import asyncio
import sys
from pathlib import Path

from voicebot.rehearsal.chaos.fast_callee import HOST, FastCallee


async def _answer_calls(journal: Path, spoken: bytes) -> None:
    loop = asyncio.get_running_loop()
    transport, callee = await loop.create_datagram_endpoint(lambda: FastCallee(journal, spoken), local_addr=(HOST, 0))
    sys.stdout.write(f"{callee.address[1]}\n")
    sys.stdout.flush()
    told_to_stop = asyncio.Event()

    def stop() -> None:
        loop.remove_reader(sys.stdin)  # a closed pipe stays readable: the loop would spin
        told_to_stop.set()

    loop.add_reader(sys.stdin, stop)
    await told_to_stop.wait()
    await callee.close()
    transport.close()


if __name__ == "__main__":
    asyncio.run(_answer_calls(Path(sys.argv[1]), Path(sys.argv[2]).read_bytes()))
