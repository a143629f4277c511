"""One SIP dialogue on pjsua2's own thread."""

from collections.abc import Callable
from typing import Any, Final

import pjsua2 as pj

from voicebot.adapters.pjsua2_channel import CallChannel
from voicebot.adapters.pjsua2_port import LinePort
from voicebot.application.ports.telephone import DigitPressed, Disconnected, Ringing
from voicebot.domain.call import Cause
from voicebot.domain.sip_outcome import cause_for

_PROGRESS: Final = 183
_ALREADY_OVER: Final = 171140
"""PJSIP_ESESSIONTERMINATED: the far end was quicker."""


class Leg(pj.Call):  # type: ignore[misc]  # pjsua2 publishes no types
    """Turns pjsua2's callbacks into events of a channel; lives and dies on the owner thread."""

    def __init__(
        self, account: Any, *, port: LinePort, channel: CallChannel, call_id: int = pj.PJSUA_INVALID_ID
    ) -> None:
        super().__init__(account, call_id)
        self.port = port
        self.channel = channel
        self.on_over: Callable[[], None] = _nothing
        """Called once pjsua2 has ended the call."""
        self.partner: Leg | None = None
        """The leg whose far end hears ours."""
        self.gave_up = False
        """Whether we asked for the end."""
        self._answered = False
        self._heard_back = call_id != pj.PJSUA_INVALID_ID
        self._ringing: Ringing | None = None
        port.channel = channel

    def onCallState(self, prm: Any) -> None:
        """The dialogue has moved on."""
        info = self.getInfo()
        if info.state == pj.PJSIP_INV_STATE_EARLY:
            self._heard_back = True
            if info.role == pj.PJSIP_ROLE_UAC:  # our own 180 is no news to us
                self._ring(Ringing(early_media=info.lastStatusCode == _PROGRESS))
        elif info.state == pj.PJSIP_INV_STATE_CONFIRMED and not self._answered:
            self._heard_back = self._answered = True
            self.channel.connect()
        elif info.state == pj.PJSIP_INV_STATE_DISCONNECTED:
            self._heard_back = self._heard_back or _is_answer(prm)
            self.declare_over(info.lastStatusCode)
            self.on_over()

    def onCallMediaState(self, prm: Any) -> None:
        """Sound can flow, again after a re-INVITE."""
        sound = self.sound()
        if sound is None:
            return
        self.port.startTransmit(sound)
        sound.startTransmit(self.port)
        if self.partner is not None:
            self.hear(self.partner)
            self.partner.hear(self)

    def onDtmfDigit(self, prm: Any) -> None:
        """A key was pressed."""
        self.channel.post(DigitPressed(digit=prm.digit))

    def sound(self) -> Any:
        """The call's slot in the conference bridge; None while it has no usable media (hold, before the answer)."""
        info = self.getInfo()  # kept in a variable: its members die with it
        usable = (pj.PJSUA_CALL_MEDIA_ACTIVE, pj.PJSUA_CALL_MEDIA_REMOTE_HOLD)
        for media in info.media:
            if media.type == pj.PJMEDIA_TYPE_AUDIO and media.status in usable and media.dir != pj.PJMEDIA_DIR_NONE:
                return self.getAudioMedia(media.index)
        return None

    def hear(self, partner: "Leg") -> None:
        """Let our far end hear `partner`'s."""
        source, sink = partner.sound(), self.sound()
        if source is not None and sink is not None:
            source.startTransmit(sink)
        self.partner = partner
        self.channel.join(partner.channel)

    def part(self) -> None:
        """Nobody else is heard any more; pjsua2 unplugs the slots of a dead call itself."""
        partner, self.partner = self.partner, None
        self.channel.join(None)
        if partner is not None:
            partner.part()

    def end(self, sip_code: int) -> None:
        """CANCEL, BYE or a refusal, whichever fits."""
        self.gave_up = True
        how = pj.CallOpParam()
        how.statusCode = sip_code
        try:
            self.hangup(how)
        except pj.Error as error:
            if error.status != _ALREADY_OVER:
                raise

    def declare_over(self, sip_code: int) -> None:
        """Send the last event, unless it was sent."""
        cause = cause_for(sip_code, answered=self._answered, heard_back=self._heard_back)
        if cause is Cause.ANSWERED:
            sip_code = pj.PJSIP_SC_OK
        self.channel.finish(Disconnected(cause=cause, sip_code=sip_code, by_us=self.gave_up))

    def _ring(self, event: Ringing) -> None:
        if event != self._ringing:
            self._ringing = event
            self.channel.post(event)


def _is_answer(prm: Any) -> bool:
    """Whether a message of the far end caused the change, not our own timer, request or socket."""
    return bool(prm.e.type == pj.PJSIP_EVENT_TSX_STATE and prm.e.body.tsxState.type == pj.PJSIP_EVENT_RX_MSG)


def _nothing() -> None:
    """Stands in until the switchboard has taken the leg."""
