"""All callees of a rehearsal, spread over processes."""

import asyncio
from collections.abc import Mapping, Sequence
from math import ceil
from pathlib import Path
from typing import Final

from voicebot.domain.errors import NotFound
from voicebot.domain.phone import Phone
from voicebot.rehearsal.callee_process import CalleePlan, CalleeProcess
from voicebot.rehearsal.composition import speak_lines
from voicebot.rehearsal.persona import Persona, Role

NUMBERS_PER_PROCESS: Final = 3
"""A process holds four calls (PJSUA_MAX_CALLS); one slot is freed a moment late."""
_MOST_PROCESSES: Final = 16


class RehearsalHall:
    """Gives every number of a rehearsal an address where its persona answers. Use as `async with`.

    Up to 48 customers can all be called at once; more share processes, neighbours in the order given kept apart.
    A manager's number has a process to itself, for several customers may be transferred at once.
    """

    def __init__(self, cast: Mapping[Phone, Persona], *, folder: Path, cache: Path, bot: str = "") -> None:
        """`folder` takes recordings and witnesses, `cache` the sound of the lines; `bot`: host:port to ring back at."""
        self._bot = bot
        self._cast = dict(cast)
        self._folder = folder
        self._cache = cache
        self._addresses: dict[Phone, tuple[str, int]] = {}
        self._processes: list[CalleeProcess] = []

    async def __aenter__(self) -> "RehearsalHall":
        await asyncio.to_thread(self._folder.mkdir, parents=True, exist_ok=True)
        personas = {persona.name: persona for persona in self._cast.values()}
        actors = await speak_lines(personas.values(), cache=self._cache)
        groups = spread(self._cast)
        processes = [
            CalleeProcess(
                CalleePlan(
                    name=str(number),
                    actors={phone.e164: actors[self._cast[phone].name] for phone in phones},
                    folder=self._folder,
                    bot=self._bot,
                )
            )
            for number, phones in enumerate(groups, start=1)
        ]
        try:
            await self._start(processes)
        except BaseException:
            await self.__aexit__()
            raise
        for process, phones in zip(processes, groups, strict=True):
            self._addresses.update(dict.fromkeys(phones, process.address))
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        """Stop every process; talks under way are cut."""
        processes, self._processes = self._processes, []
        await asyncio.gather(*(process.__aexit__() for process in processes))

    def uri_for(self, phone: Phone) -> str:
        """Where to dial for `phone`; raises NotFound for a number that is not in the cast."""
        host, port = self.address_of(phone)
        return f"sip:{phone.e164}@{host}:{port}"

    def address_of(self, phone: Phone) -> tuple[str, int]:
        """Host and SIP port where `phone` is answered; raises NotFound for a number that is not in the cast."""
        if phone not in self._addresses:
            raise NotFound(f"nobody rehearses {phone.masked}")
        return self._addresses[phone]

    def persona_for(self, phone: Phone) -> Persona:
        """Who answers at `phone`; raises NotFound for a number that is not in the cast."""
        if phone not in self._cast:
            raise NotFound(f"nobody rehearses {phone.masked}")
        return self._cast[phone]

    async def _start(self, processes: Sequence[CalleeProcess]) -> None:
        results = await asyncio.gather(*(process.__aenter__() for process in processes), return_exceptions=True)
        self._processes = [result for result in results if isinstance(result, CalleeProcess)]
        for result in results:
            if isinstance(result, BaseException):
                raise result


def spread(cast: Mapping[Phone, Persona]) -> list[list[Phone]]:
    """The numbers each process answers; neighbours, likely to be called at the same time, are in different ones."""
    customers = [phone for phone, persona in cast.items() if persona.role is Role.CUSTOMER]
    managers = [[phone] for phone, persona in cast.items() if persona.role is Role.MANAGER]
    count = min(_MOST_PROCESSES, ceil(len(customers) / NUMBERS_PER_PROCESS))
    return [customers[first::count] for first in range(count)] + managers
