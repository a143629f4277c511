"""What a SIP answer says of the customer."""

from typing import Final

from voicebot.domain.call import Cause

_BY_CODE: Final = {
    code: cause
    for codes, cause in (
        ((200,), Cause.ANSWERED),
        ((486, 600), Cause.BUSY),
        ((408, 487), Cause.NO_ANSWER),
        ((403, 603), Cause.REJECTED),
        ((607, 608), Cause.REFUSED),
        ((480, 502, 503, 504), Cause.UNREACHABLE),
        ((404, 410, 484, 604), Cause.UNALLOCATED),
    )
    for code in codes
}
"""RFC 3261 section 21; 607 Unwanted is RFC 8197, 608 Rejected is RFC 8688. Everything else is our side or the trunk."""


def cause_for(sip_code: int, *, answered: bool = False, heard_back: bool = True) -> Cause:
    """How an outgoing attempt ended, by its final status.

    `answered`: a 200 OK came before, whatever ended the call later. `heard_back`: the far side gave any sign of life;
    a 408, 487 or 503 of our own making is a dead trunk, not a customer who does not pick up.
    """
    if answered:
        return Cause.ANSWERED
    if not heard_back:
        return Cause.FAILED
    return _BY_CODE.get(sip_code, Cause.FAILED)
