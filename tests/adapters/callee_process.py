"""A SIP callee in a process of its own: the number dialled says what it does.

    486 (any three digits)   refuses with that code
    rings                    rings until the caller gives up
    bye                      answers and hangs up 0.3 s later
    tone-700                 answers and plays 700 Hz for as long as the call lasts
    keys                     answers and presses 1 2 3
    listen                   answers and stays silent

Prints its ports, then one JSON line for every call, key and beginning of sound; ends when its stdin is closed.
"""

import asyncio
import json
import sys

from voicebot.adapters.pjsua2_endpoint import SipSettings
from voicebot.adapters.pjsua2_telephone import Pjsua2Telephone
from voicebot.application.ports.telephone import (
    Connected,
    DigitPressed,
    Disconnected,
    Frame,
    IncomingCall,
    PhoneCall,
    PlaybackEnded,
)
from voicebot.domain.audio import Audio
from voicebot.domain.dialplan import Srtp, Transport
from voicebot.domain.errors import TelephonyError
from voicebot.testing.tones import is_loud, tone


def tell(**what: object) -> None:
    print(json.dumps(what), flush=True)  # noqa: T201  # stdout is how the tests hear of it


async def meet(incoming: IncomingCall) -> None:
    called = incoming.called
    tell(event="invited", called=called, caller=incoming.caller)
    try:
        if called.isdigit() and len(called) == 3:
            await incoming.refuse(int(called))
            return
        await incoming.ring()
        if called != "rings":
            await talk(await incoming.accept(recording=None), called)
            return
    except TelephonyError:
        tell(event="too late")  # some tests hang up before we can answer
        return
    await incoming.cancelled()
    tell(event="cancelled")


async def talk(call: PhoneCall, called: str) -> None:
    loud = False
    frequency = int(called.removeprefix("tone-")) if called.startswith("tone-") else 0
    async for event in call.events():
        match event:
            case Connected():
                await begin(call, called, frequency)
            case PlaybackEnded():
                await call.play(sound(frequency))
            case Frame():
                if is_loud(event.samples) and not loud:
                    tell(event="loud", at=event.at)
                loud = is_loud(event.samples)
            case DigitPressed():
                tell(event="digit", digit=event.digit)
            case Disconnected():
                tell(event="over", by_us=event.by_us, cause=event.cause.value)


async def begin(call: PhoneCall, called: str, frequency: int) -> None:
    if frequency:
        await call.play(sound(frequency))
        await call.play(sound(frequency))
    elif called == "bye":
        await asyncio.sleep(0.3)
        await call.hang_up()
    elif called == "keys":
        await asyncio.sleep(0.1)  # a receiver takes its first packets for the jitter of its clock
        for digit in "123":
            await call.press(digit)


def sound(frequency: int) -> Audio:
    return tone(frequency, milliseconds=500)


async def main() -> None:
    stdin = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stdin), sys.stdin)
    settings = SipSettings(srtp=Srtp.OPTIONAL)
    async with Pjsua2Telephone(settings=settings, listen=[Transport.TCP]) as telephone, asyncio.TaskGroup() as calls:
        arrivals = telephone.incoming()
        tell(udp=telephone.address()[1], tcp=telephone.address(Transport.TCP)[1])

        async def serve() -> None:
            async for incoming in arrivals:
                calls.create_task(meet(incoming))

        serving = calls.create_task(serve())
        await stdin.read()
        serving.cancel()


if __name__ == "__main__":
    asyncio.run(main())
