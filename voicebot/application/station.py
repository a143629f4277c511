"""Everything a line works with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from voicebot.application.documents_in_force import DocumentsInForce
from voicebot.application.ports.clock import Clock
from voicebot.application.ports.outcome_spool import OutcomeSpool
from voicebot.application.ports.speech import PromptLibrary, SpeechRecogniser, VoiceActivityDetector
from voicebot.application.ports.telephone import Telephone
from voicebot.application.ports.understanding import LanguageUnderstanding
from voicebot.application.ports.unit_of_work import OpenUnit
from voicebot.application.record_outcome import OutcomeRules
from voicebot.domain.dialplan import Dialplan
from voicebot.domain.script import Script


@dataclass(frozen=True, kw_only=True, slots=True)
class Station:
    """Everything a line works with."""

    open_unit: OpenUnit
    telephone: Telephone
    recogniser: SpeechRecogniser
    new_detector: Callable[[], VoiceActivityDetector]
    library: PromptLibrary
    understanding: LanguageUnderstanding
    clock: Clock
    dialplan: Dialplan
    scripts: Mapping[str, Script]
    rules: OutcomeRules
    company: str
    recordings: Path
    spool: OutcomeSpool
    documents: DocumentsInForce | None = None
    """Where newer scripts, phrase books and dialplans come from; None keeps to those above."""
