"""As much SIP as somebody needs who is only ever called."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_LINE: Final = "\r\n"
_SHORT: Final = {"v": "via", "f": "from", "t": "to", "i": "call-id", "m": "contact", "l": "content-length"}
_REASONS: Final = {100: "Trying", 180: "Ringing", 200: "OK", 486: "Busy Here", 487: "Request Terminated"}
PCMA: Final = 8
"""Static payload type of G.711 A-law (RFC 3551)."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SipMessage:
    """A request or a response."""

    first: str
    """Request line or status line."""
    headers: tuple[tuple[str, str], ...]
    """Names in lower case and long form."""
    body: str

    @property
    def method(self) -> str:
        """`INVITE` ...; of a response, that of its request."""
        return self.one("cseq").split()[-1] if self.is_response else self.first.split()[0]

    @property
    def is_response(self) -> bool:
        """Whether somebody answers us."""
        return self.first.startswith("SIP/")

    def one(self, name: str) -> str:
        """The first header of that name; empty without one."""
        return next((value for known, value in self.headers if known == name), "")

    @property
    def user(self) -> str:
        """User part of the request URI: the number that was dialled."""
        found = re.search(r"sips?:([^@;>]+)@", self.first)
        return found[1] if found else ""

    @property
    def contact(self) -> str:
        """URI at which the caller wants requests of this call."""
        found = re.search(r"<([^>]+)>", self.one("contact"))
        return found[1] if found else self.one("contact").split(";")[0]


def read_message(datagram: bytes) -> SipMessage | None:
    """The message of a datagram; None for keep-alives."""
    head, _, body = datagram.decode(errors="replace").partition(_LINE * 2)
    lines = head.strip().split(_LINE)
    if not lines[0]:
        return None
    headers = []
    for line in lines[1:]:
        name, _, value = line.partition(":")
        name = name.strip().lower()
        headers.append((_SHORT.get(name, name), value.strip()))
    return SipMessage(first=lines[0], headers=tuple(headers), body=body)


def response(request: SipMessage, code: int, *, tag: str, contact: str, body: str = "") -> bytes:
    """An answer to `request`; `tag` is ours for this call."""
    to = request.one("to")
    lines = [f"SIP/2.0 {code} {_REASONS.get(code, 'Answer')}"]
    lines += [f"Via: {value}" for name, value in request.headers if name == "via"]
    lines += [
        f"From: {request.one('from')}",
        f"To: {to}" if "tag=" in to or code == 100 else f"To: {to};tag={tag}",
        f"Call-ID: {request.one('call-id')}",
        f"CSeq: {request.one('cseq')}",
        f"Contact: <{contact}>",
    ]
    return _written(lines, body)


def bye(invite: SipMessage, *, tag: str, contact: str, branch: str) -> bytes:
    """The request with which the one who was called hangs up."""
    address = contact.partition("@")[2]
    lines = [
        f"BYE {invite.contact} SIP/2.0",
        f"Via: SIP/2.0/UDP {address};branch=z9hG4bK{branch}",
        "Max-Forwards: 70",
        f"From: {invite.one('to')};tag={tag}",
        f"To: {invite.one('from')}",
        f"Call-ID: {invite.one('call-id')}",
        "CSeq: 1 BYE",
    ]
    return _written(lines, "")


@dataclass(frozen=True, kw_only=True, slots=True)
class Media:
    """Where the caller wants our sound, and how it takes keys."""

    host: str
    port: int
    keys: int
    """Payload type of telephone events (RFC 4733); 0 when it takes none."""


def read_offer(body: str) -> Media | None:
    """What an SDP offer asks for; None without audio."""
    audio = re.search(r"^m=audio (\d+)", body, re.MULTILINE)
    host = re.search(r"^c=IN IP4 (\S+)", body, re.MULTILINE)
    if audio is None or host is None:
        return None
    keys = re.search(r"^a=rtpmap:(\d+) telephone-event/8000", body, re.MULTILINE)
    return Media(host=host[1], port=int(audio[1]), keys=int(keys[1]) if keys else 0)


def sdp_answer(host: str, port: int, keys: int) -> str:
    """A-law and telephone events: no choice is left that a second offer would have to settle."""
    lines = ["v=0", f"o=- 1 1 IN IP4 {host}", "s=-", f"c=IN IP4 {host}", "t=0 0"]
    formats = f"{PCMA} {keys}" if keys else f"{PCMA}"
    lines += [f"m=audio {port} RTP/AVP {formats}", f"a=rtpmap:{PCMA} PCMA/8000"]
    if keys:
        lines += [f"a=rtpmap:{keys} telephone-event/8000", f"a=fmtp:{keys} 0-16"]
    return _LINE.join([*lines, "a=sendrecv", ""])


def _written(lines: Sequence[str], body: str) -> bytes:
    kind = ["Content-Type: application/sdp"] if body else []
    return (_LINE.join([*lines, *kind, f"Content-Length: {len(body.encode())}"]) + _LINE * 2 + body).encode()
