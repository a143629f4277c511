"""Our end of a call's sound in pjsua2's conference bridge."""

from typing import Any

import pjsua2 as pj

from voicebot.adapters.pjsua2_channel import CallChannel
from voicebot.adapters.pjsua2_frames import FrameReader, write_samples
from voicebot.domain.audio import FRAME_MS, TELEPHONE


class LinePort(pj.AudioMediaPort):  # type: ignore[misc]  # pjsua2 publishes no types
    """Carries frames between a conference slot and whichever call holds it.

    Ports outlive calls and are used again: the bridge adds and removes them asynchronously, one tick later.
    """

    def __init__(self, name: str, read_frame: FrameReader) -> None:
        super().__init__()
        self._read_frame = read_frame
        self.channel: CallChannel | None = None
        """The call that holds the port; set by the owner thread."""
        sound = pj.MediaFormatAudio()
        sound.init(pj.PJMEDIA_FORMAT_PCM, TELEPHONE.rate_hz, TELEPHONE.channels, FRAME_MS * 1000, 16)
        self.createPort(name, sound)

    def onFrameRequested(self, frame: Any) -> None:
        """20 ms are wanted for the far end."""
        channel = self.channel
        if channel is not None:
            write_samples(frame, channel.next_frame())

    def onFrameReceived(self, frame: Any) -> None:
        """20 ms came off the jitter buffer."""
        channel = self.channel
        if channel is not None:
            channel.far_frame(self._read_frame(frame))
