"""States and routes of a conversation script, out of YAML."""

from dataclasses import dataclass
from typing import Final

import yaml

from voicebot.adapters.yaml_nodes import Entry, YamlFile, meant
from voicebot.domain.intent import Intent, ListenKind
from voicebot.domain.outcome import Disposition
from voicebot.domain.script import LISTENING, Effects, Escalation, Line, Listening, Place, Retry, Route, State

_TALKED: Final = {
    disposition.value: disposition
    for disposition in (
        Disposition.ACCEPTED,
        Disposition.DECLINED,
        Disposition.COMPLAINT,
        Disposition.WANTS_HUMAN,
        Disposition.CALLBACK,
        Disposition.STOP,
        Disposition.WRONG_PERSON,
        Disposition.VOICEMAIL,
        Disposition.SILENT,
        Disposition.UNCLEAR,
        Disposition.INFORMED,
    )
}
"""What a script may decide; the rest is the telephone's word."""
_EFFECTS: Final = (
    "decide", "settle", "offer", "promo", "message", "escalate", "stop", "wrong_number", "schedule", "tag", "review",
    "transfer",
)  # fmt: skip
_ROUTE: Final = ("to", "with_value", "if_visited", "leave_message", "say", "repeat", *_EFFECTS)
_STATE: Final = (
    "say", "notice", "again", "listen", "context", "enter", "on", "silence", "unknown", "next", "not_connected",
    "hang_up",
)  # fmt: skip
_LISTEN: Final = ("kind", "end_silence_ms", "longest_speech_s", "patience_s", "barge_in")
_ANSWERS: Final = {intent.value: intent for intent in Intent if intent is not Intent.UNKNOWN}


@dataclass(kw_only=True, slots=True)
class StateReader:
    """Reads the states of one file; the keys of its prompts begin with the file's name."""

    file: YamlFile

    def state(self, entry: Entry) -> State:
        """One state; what is wrong is noted and replaced by a default."""
        name = entry.key
        parts = self.file.entries(entry.node, name, _STATE)
        listening = self._listening(parts.get("listen"), name)
        listens = listening.kind is not ListenKind.NONE
        required = ("say", "on", "silence", "unknown") if listens else ()
        self.file.require(parts, required, entry.line, name)
        self._check_keys(parts, name, listens=listens)
        key = f"{self.file.path.stem}.{name}"
        return State(
            name=name,
            say=self.line(parts.get("say"), name, key) or Line(key=key, template=""),
            notice=self.line(parts.get("notice"), name, f"{key}.notice"),
            again=self.line(parts.get("again"), name, f"{key}.again"),
            listening=listening,
            context=self.file.text(parts.get("context"), name) or name,
            enter=self._enter(parts.get("enter"), name, key),
            on=self.routes(parts.get("on"), name, key),
            silence=self._retry(parts.get("silence"), name, f"{key}.silence"),
            unknown=self._retry(parts.get("unknown"), name, f"{key}.unknown"),
            next=self.file.text(parts.get("next"), name),
            not_connected=self.file.text(parts.get("not_connected"), name),
            hang_up=self.file.text(parts.get("hang_up"), name),
            place=Place(source=str(self.file.path), line=entry.line),
        )

    def _check_keys(self, parts: dict[str, Entry], name: str, *, listens: bool) -> None:
        for key in ("on", "silence", "unknown", "again") if not listens else ("next", "not_connected"):
            if key in parts:
                what = "does not listen" if not listens else "listens"
                repair = "add `listen:`" if not listens else "lead on by `on:`, or write `listen: none`"
                self.file.note(parts[key].line, name, f"'{key}' has no use in a state that {what}", repair)

    def line(self, entry: Entry | None, owner: str, key: str) -> Line | None:
        """A prompt; None when it is not there."""
        text = self.file.text(entry, owner)
        return Line(key=key, template=text) if text else None

    def routes(self, entry: Entry | None, owner: str, key: str) -> dict[Intent, Route]:
        """What each intent leads to."""
        if entry is None:
            return {}
        found: dict[Intent, Route] = {}
        for name, route in self.file.entries(entry.node, owner).items():
            if name not in _ANSWERS:
                repair = "write `unknown:` beside `on:`" if name == Intent.UNKNOWN else meant(name, _ANSWERS)
                self.file.note(route.line, owner, f"unknown intent '{name}'", repair)
            else:
                found[_ANSWERS[name]] = self.route(route, owner, f"{key}.on_{name}")
        return found

    def route(self, entry: Entry, owner: str, key: str) -> Route:
        """A state's name, or a mapping with more to it."""
        if isinstance(entry.node, yaml.ScalarNode):
            return Route(to=self.file.text(entry, owner))
        parts = self.file.entries(entry.node, owner, _ROUTE)
        route = self._route(parts, owner, key)
        if not route.targets and not route.say and not route.repeat:
            self.file.note(entry.line, owner, f"'{entry.key}' leads nowhere and says nothing", "add `to:` or `say:`")
        return route

    def _route(self, parts: dict[str, Entry], owner: str, key: str) -> Route:
        return Route(
            to=self.file.text(parts.get("to"), owner),
            with_value=self.file.text(parts.get("with_value"), owner),
            if_visited=self.file.text(parts.get("if_visited"), owner),
            leave_message=self.file.text(parts.get("leave_message"), owner),
            say=self.line(parts.get("say"), owner, key),
            repeat=self.file.flag(parts.get("repeat"), owner),
            effects=self._effects(parts, owner, key),
        )

    def _retry(self, entry: Entry | None, owner: str, key: str) -> Retry | None:
        if entry is None:
            return None
        if isinstance(entry.node, yaml.ScalarNode):
            return Retry(lines=(), then=Route(to=self.file.text(entry, owner)))
        parts = self.file.entries(entry.node, owner, _ROUTE)
        self.file.require(parts, ("to",), entry.line, f"{owner}: {entry.key}")
        lines = (
            Line(key=f"{key}{number}", template=text)
            for number, text in enumerate(self.file.texts(parts.pop("say", None), owner), start=1)
        )
        return Retry(lines=tuple(lines), then=self._route(parts, owner, key))

    def _enter(self, entry: Entry | None, owner: str, key: str) -> Effects:
        return self._effects(self.file.entries(entry.node, owner, _EFFECTS), owner, key) if entry else Effects()

    def _effects(self, parts: dict[str, Entry], owner: str, key: str) -> Effects:
        file = self.file
        escalations = {level.value: level for level in Escalation}
        return Effects(
            decide=file.one_of(parts.get("decide"), owner, _TALKED, "disposition"),
            settle=file.one_of(parts.get("settle"), owner, _TALKED, "disposition"),
            offer=file.one_of(parts.get("offer"), owner, {"first": "first", "better": "better"}, "offer") or "",
            promo=file.flag(parts.get("promo"), owner),
            message=file.text(parts.get("message"), owner),
            escalate=file.one_of(parts.get("escalate"), owner, escalations, "escalation") or Escalation.NONE,
            stop=file.flag(parts.get("stop"), owner),
            wrong_number=file.flag(parts.get("wrong_number"), owner),
            schedule=file.flag(parts.get("schedule"), owner),
            tags=file.texts(parts.get("tag"), owner),
            review=file.flag(parts.get("review"), owner),
            transfer=self.line(parts.get("transfer"), owner, f"{key}.whisper"),
        )

    def _listening(self, entry: Entry | None, owner: str) -> Listening:
        if entry is None:
            return LISTENING[ListenKind.NONE]
        kinds = {kind.value: kind for kind in ListenKind}
        if isinstance(entry.node, yaml.ScalarNode):
            kind = self.file.one_of(entry, owner, kinds, "kind of listening")
            return LISTENING[kind or ListenKind.YES_NO]
        parts = self.file.entries(entry.node, owner, _LISTEN)
        self.file.require(parts, ("kind",), entry.line, f"{owner}: listen")
        usual = LISTENING[self.file.one_of(parts.get("kind"), owner, kinds, "kind of listening") or ListenKind.YES_NO]
        number = self.file.number
        return Listening(
            kind=usual.kind,
            end_silence_ms=round(
                number(parts.get("end_silence_ms"), owner, default=usual.end_silence_ms, least=100, most=5000)
            ),
            longest_speech_s=number(
                parts.get("longest_speech_s"), owner, default=usual.longest_speech_s, least=1, most=120
            ),
            patience_s=number(parts.get("patience_s"), owner, default=usual.patience_s, least=1, most=60),
            barge_in=self.file.flag(parts.get("barge_in"), owner, default=usual.barge_in),
        )
