"""What the bot is to say, in pieces a recording can replace."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A stretch of a prompt: fixed words, or the value of a variable."""

    text: str
    """The words to speak, already spoken Russian (no digits, no abbreviations)."""
    variable: str = ""
    """Name of the variable the words came from; empty for fixed words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Prompt:
    """One thing to say; `recordings/prompts/<key>.wav` wins over synthesis.

    A prompt with variables is recorded as `<key>.1.wav`, `<key>.2.wav` ... (its fixed pieces in order);
    the variables between them are synthesised and spliced in.
    """

    key: str
    """`<script>.<state>` or `<script>.<state>.silence1` ...: the name of the recording."""
    pieces: tuple[Piece, ...]

    @property
    def text(self) -> str:
        """The whole prompt as one line of words."""
        return " ".join("".join(piece.text for piece in self.pieces).split())
