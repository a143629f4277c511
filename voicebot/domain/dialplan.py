"""How customers are dialled: trunks, routes, hours, redial and transfer."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum
from math import ceil

from voicebot.domain.contact_hours import DEFAULT_HOURS, ContactHours
from voicebot.domain.contact_policy import ContactPolicy
from voicebot.domain.past_calls import TouchCaps
from voicebot.domain.phone import Phone
from voicebot.domain.redial import RedialPolicy


class Transport(StrEnum):
    """What carries the SIP messages of a trunk."""

    UDP = "udp"
    TCP = "tcp"
    TLS = "tls"  # SIP over TLS; the media is encrypted by Srtp, not by this


class Srtp(StrEnum):
    """Whether the voice of a trunk is encrypted."""

    OFF = "off"
    OPTIONAL = "optional"  # offered, plain RTP accepted
    REQUIRED = "required"  # no call without it


class Codec(StrEnum):
    """What the voice is coded in; both are G.711 at 8 kHz, all the recogniser wants."""

    PCMA = "pcma"  # A-law: Europe and Russia
    PCMU = "pcmu"  # u-law: America and Japan


class AnsweringMachineRule(StrEnum):
    """What to do when a machine answers."""

    HANG_UP = "hang_up"
    LEAVE_MESSAGE = "leave_message"  # after the beep


@dataclass(frozen=True, kw_only=True, slots=True)
class MassCallLabel:
    """The operator contract and label without which no advertising campaign starts (126-FZ art. 44.1)."""

    contract: str
    """Number of the contract with the operator."""
    name: str
    """Caller's name shown to the subscriber."""
    category: str
    """Category of calls shown to the subscriber."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trunk:
    """One way out to the telephone network."""

    name: str
    """Unique in the dialplan."""
    host: str
    """Host or address of the registrar or of the IP-authenticated peer."""
    port: int = 5060
    """SIP port of `host`."""
    registers: bool = False
    """Whether we REGISTER there; else the peer knows us by our address (or challenges each call)."""
    transport: Transport = Transport.UDP
    username: str = ""
    """Digest user; empty when the trunk asks for none."""
    password: str = field(default="", repr=False)
    """Digest password."""
    from_user: str = ""
    """User of the From header where the trunk insists on its account there; empty shows the caller ID."""
    codecs: tuple[Codec, ...] = (Codec.PCMA, Codec.PCMU)
    """In order of preference."""
    srtp: Srtp = Srtp.OFF
    verify_certificate: bool = True
    """Whether a TLS peer must show a valid certificate."""
    lines: int = 4
    """Calls at once the trunk allows."""
    calls_per_second: float = 1.0
    """New calls a second the trunk allows."""
    caller_ids: tuple[Phone, ...] = ()
    """Numbers the company owns and may show; at least one."""
    ring_timeout_s: float = 30.0
    """How long a customer's phone may ring, seconds."""
    label: MassCallLabel | None = None
    """None forbids advertising campaigns on this trunk."""
    price_per_minute: Decimal | None = None
    """RUB for every started minute of an answered call; None when nobody told us."""

    def cost_of(self, talk: timedelta) -> Decimal | None:
        """RUB for an answered call; None without a price. Operators charge started minutes."""
        if self.price_per_minute is None:
            return None
        return round(self.price_per_minute * max(1, ceil(talk / timedelta(minutes=1))), 2)


@dataclass(frozen=True, kw_only=True, slots=True)
class RouteRule:
    """Which trunks carry which numbers."""

    pattern: str
    """`+`, digits, `X` for any digit, a closing `*` for any rest; `*` alone is every number."""
    trunks: tuple[str, ...]
    """Trunk names in order of preference."""
    strip: str = ""
    """Prefix taken off the number before it is sent, e.g. `+7`."""
    prepend: str = ""
    """What is put before the rest, e.g. `8`."""

    def matches(self, phone: Phone) -> bool:
        """Whether the rule is meant for `phone`."""
        pattern, number = self.pattern, phone.e164
        if pattern.endswith("*"):
            pattern = pattern[:-1]
            number = number[: len(pattern)]
        return len(pattern) == len(number) and all(
            want == have or (want == "X" and have.isdigit()) for want, have in zip(pattern, number, strict=True)
        )

    def rewrite(self, phone: Phone) -> str:
        """The number as the trunk wants it."""
        return self.prepend + phone.e164.removeprefix(self.strip)


@dataclass(frozen=True, kw_only=True, slots=True)
class TransferTarget:
    """A manager's phone."""

    name: str
    uri: str
    """Where to call (sip:...)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class InboundRule:
    """What happens when a customer rings us."""

    answer: bool = True
    """Whether the bot answers at all."""
    script: str = "inbound"
    """What is spoken with somebody of whom nothing is wanted: a service script."""
    ring_s: float = 2.0
    """How long it rings before the bot answers, seconds."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Dialplan:
    """Everything a telephony admin decides; trunk names in routes are known to exist."""

    name: str
    """File name without its ending."""
    trunks: tuple[Trunk, ...]
    routes: tuple[RouteRule, ...]
    """The first rule that matches counts."""
    hours: ContactHours = DEFAULT_HOURS
    """When customers may be called, local to them; public holidays included or not."""
    unknown_zone: ContactHours | None = None
    """Hours of people of unknown zone, in every Russian zone at once; None for 9-21 on the days `hours` are open."""
    caps: TouchCaps = field(default_factory=TouchCaps)
    """How often one person is touched at most."""
    longest_call_s: float = 300.0
    """A call is ended after this many seconds of talk."""
    answering_machine: AnsweringMachineRule = AnsweringMachineRule.HANG_UP
    transfer: tuple[TransferTarget, ...] = ()
    """Managers to connect, tried in order."""
    redial: RedialPolicy = field(default_factory=RedialPolicy)
    inbound: InboundRule = field(default_factory=InboundRule)

    @property
    def contact(self) -> ContactPolicy:
        """What the gate and the redial rules go by."""
        return ContactPolicy(
            hours=self.hours,
            unknown_zone=self.unknown_zone,
            caps=self.caps,
            redial=self.redial,
            labelled=self.labelled,
        )

    @property
    def labelled(self) -> bool:
        """Whether every trunk a route leads over has its contract and label: without them no advertising is dialled."""
        return all(self.trunk(name).label is not None for rule in self.routes for name in rule.trunks)

    def trunk(self, name: str) -> Trunk:
        """The trunk of that name; KeyError when there is none."""
        return {trunk.name: trunk for trunk in self.trunks}[name]


@dataclass(frozen=True, kw_only=True, slots=True)
class Route:
    """How one customer is reached."""

    trunk: Trunk
    uri: str
    """Request URI of the INVITE; personal data."""
    caller_id: str
    """The number shown, E.164."""
    explanation: tuple[str, ...]
    """Why this way, step by step; phones masked."""

    @property
    def ring_timeout_s(self) -> float:
        """How long to let it ring, seconds."""
        return self.trunk.ring_timeout_s


@dataclass(frozen=True, kw_only=True, slots=True)
class NoRoute:
    """The dialplan does not reach that number."""

    explanation: tuple[str, ...]
    """Why not, step by step; phones masked."""


def route_call(dialplan: Dialplan, phone: Phone, *, tried: Collection[str] = ()) -> Route | NoRoute:
    """The way to `phone`; `tried` names trunks that failed already (fail-over takes the next one)."""
    steps: list[str] = []
    for number, rule in enumerate(dialplan.routes, start=1):
        if not rule.matches(phone):
            steps.append(f"route {number} '{rule.pattern}' does not match {phone.masked}")
            continue
        steps.append(f"route {number} '{rule.pattern}' matches {phone.masked}")
        for name in rule.trunks:
            if name in tried:
                steps.append(f"trunk '{name}' was tried already")
                continue
            return _route_over(dialplan.trunk(name), rule, phone, steps)
        return NoRoute(explanation=(*steps, "no trunk of the route is left"))
    return NoRoute(explanation=(*steps, "no route matches"))


def uri_on(trunk: Trunk, user: str) -> str:
    """The SIP URI of `user` at the trunk."""
    host = f"[{trunk.host}]" if ":" in trunk.host else trunk.host
    carried = "" if trunk.transport is Transport.UDP else f";transport={trunk.transport}"
    return f"sip:{user}@{host}:{trunk.port}{carried}"


def _route_over(trunk: Trunk, rule: RouteRule, phone: Phone, steps: list[str]) -> Route:
    steps.append(f"trunk '{trunk.name}' at {trunk.host}:{trunk.port} over {trunk.transport}")
    if rule.strip or rule.prepend:
        steps.append(f"the number is sent without '{rule.strip}' and with '{rule.prepend}' before it")
    # The same customer sees the same number every time.
    caller_id = trunk.caller_ids[int(phone.e164[1:]) % len(trunk.caller_ids)]
    steps.append(f"caller ID {caller_id.masked}, one of {len(trunk.caller_ids)}")
    return Route(
        trunk=trunk,
        uri=uri_on(trunk, rule.rewrite(phone)),
        caller_id=caller_id.e164,
        explanation=tuple(steps),
    )
