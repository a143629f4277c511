"""The few words of SIP we read ourselves."""

import re
from dataclasses import dataclass
from typing import Final

_URI: Final = re.compile(
    r"^sips?:(?:(?P<user>[^@;]*)@)?(?P<host>\[[^\]]+\]|[^:;?>]+)(?::(?P<port>\d+))?", re.IGNORECASE
)
_HEADER_URI: Final = re.compile(r"^(?:From|f|To|t)\s*:.*?<?(sips?:[^>;\s]+)", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True, slots=True)
class SipAddress:
    """The parts of a SIP URI that matter here."""

    user: str
    host: str
    port: int
    """5060 where the URI names none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Invitation:
    """Whom an INVITE is for and whom it is from, user parts only."""

    request_user: str
    """Of the request URI."""
    to_user: str
    from_user: str


def parse_sip_uri(uri: str) -> SipAddress:
    """The parts of `sip:user@host:port;...`; raises ValueError (without the URI: it may name a person)."""
    match = _URI.match(uri.strip())
    if match is None:
        raise ValueError("not a SIP URI: write sip:user@host or sip:user@host:port")
    return SipAddress(
        user=(match["user"] or "").partition(":")[0],
        host=match["host"].strip("[]").lower(),
        port=int(match["port"] or 5060),
    )


def read_invitation(message: str) -> Invitation:
    """The users named in a whole INVITE; empty where it names none."""
    lines = message.split("\r\n")
    request = lines[0].split(" ")
    headers = {"f": "", "t": ""}
    for line in lines[1:]:
        if not line:
            break
        match = _HEADER_URI.match(line)
        if match is not None:
            headers.setdefault(line[0].lower(), "")
            headers[line[0].lower()] = headers[line[0].lower()] or _user(match[1])
    return Invitation(
        request_user=_user(request[1]) if len(request) > 1 else "", to_user=headers["t"], from_user=headers["f"]
    )


def _user(uri: str) -> str:
    try:
        return parse_sip_uri(uri).user
    except ValueError:
        return ""
