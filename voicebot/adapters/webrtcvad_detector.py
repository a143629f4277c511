"""Voice activity: WebRTC's detector, 2 us a frame."""

import webrtcvad

from voicebot.domain.audio import FRAME_BYTES, TELEPHONE


class WebrtcVoiceDetector:
    """Keeps state, one per call."""

    def __init__(self, aggressiveness: int = 2) -> None:
        """`aggressiveness` 0-3: how readily a frame is taken for noise."""
        self._detector = webrtcvad.Vad(aggressiveness)

    def is_voice(self, frame: bytes) -> bool:
        """Whether one 20 ms telephone frame holds voice; raises ValueError for any other length."""
        if len(frame) != FRAME_BYTES:
            raise ValueError(f"a frame is {FRAME_BYTES} bytes, not {len(frame)}")
        return bool(self._detector.is_speech(frame, TELEPHONE.rate_hz))
