"""Whole conversations: what they come to, and what must not happen in them."""

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.scenarios.sample import NOW, VARIABLES
from voicebot.adapters.yaml_scripts import load_script
from voicebot.config import PROJECT
from voicebot.domain.dialogue import Phase, Position, conclude, start, step
from voicebot.domain.dialogue_actions import HangUp, Listen, Say, Transfer
from voicebot.domain.dialogue_events import (
    Answered,
    Event,
    Finished,
    HungUp,
    MachineDetected,
    Silence,
    Spoken,
    TimeUp,
    TransferEnded,
)
from voicebot.domain.intent import Intent, Understanding
from voicebot.domain.outcome import FollowUp
from voicebot.domain.script import Entrance, Script

_EVENTS: dict[str, Event] = {
    "silence": Silence(),
    "hang_up": HungUp(),
    "machine": MachineDetected(),
    "time_up": TimeUp(),
    "finished": Finished(),
}


def _scenarios() -> list[Any]:
    found = []
    for path in sorted(Path(__file__).parent.glob("*.yaml")):
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
        for scenario in document["scenarios"]:
            found.append(pytest.param(document["script"], scenario, id=f"{path.stem}: {scenario['name']}"))
    return found


@pytest.mark.parametrize(("script", "scenario"), _scenarios())
def test_conversation_comes_to_what_the_scenario_says(script: str, scenario: dict[str, Any]) -> None:
    begun = _script(script)
    if "entrance" in scenario:
        begun = begun.begun_at(Entrance(scenario["entrance"]))
    position, said, states = _hold(begun, scenario)
    outcome = conclude(begun, position, earlier_hang_ups=scenario.get("earlier_hang_ups", 0))
    expected = scenario["expect"]
    assert outcome.disposition == expected["disposition"]
    assert outcome.group == expected.get("group", outcome.group)
    assert list(outcome.tags) == sorted(expected.get("tags", []))
    assert sorted(map(_in_short, outcome.actions)) == sorted(expected["actions"])
    assert outcome.hangup_state == expected.get("hangup_state", "")
    assert outcome.nps == expected.get("nps")
    if "answers" in expected:
        assert outcome.answers == expected["answers"]
    assert states == scenario.get("states", states)
    for words in scenario.get("says", []):
        assert words in said
    for words in scenario.get("never_says", []):
        assert words.lower() not in said.lower()


@lru_cache
def _script(name: str) -> Script:
    return load_script(PROJECT / "scripts" / f"{name}.yaml")


def _hold(script: Script, scenario: dict[str, Any]) -> tuple[Position, str, list[str]]:
    """Play the turns, then silence until the bot ends it."""
    position = start(script, VARIABLES, now=NOW, leave_message=scenario.get("leave_message", False))
    said, states = list[str](), list[str]()
    turns = [_event(turn) for turn in scenario["turns"]]
    event: Event = Answered()
    for _ in range(100):
        taken = step(script, position, event)
        position = taken.position
        said += [action.prompt.text for action in taken.actions if isinstance(action, Say)]
        if not states or states[-1] != position.state:
            states.append(position.state)
        if any(isinstance(action, Transfer) for action in taken.actions):
            event = TransferEnded(connected=scenario.get("manager", True))
        elif position.phase is Phase.ENDED or (position.phase is Phase.CLOSING and not turns):
            assert position.phase is Phase.ENDED or HangUp() in taken.actions
            return position, "\n".join(said), states
        elif turns:
            event = turns.pop(0)
        else:
            assert any(isinstance(action, Listen) for action in taken.actions)
            event = Silence()
    raise AssertionError("the conversation never ended")


def _event(turn: str | dict[str, Any]) -> Event:
    if isinstance(turn, str) and turn in _EVENTS:
        return _EVENTS[turn]
    if isinstance(turn, str):
        turn = {turn: f"слова о {turn}"}
    (intent, text), *_ = turn.items()
    value = turn.get("value")
    return Spoken(
        understanding=Understanding(
            text=text,
            intent=Intent(intent),
            value=datetime.fromisoformat(value) if isinstance(value, str) else value,
            score=0.9,
            also=tuple(Intent(also) for also in turn.get("also", [])),
        )
    )


def _in_short(action: FollowUp) -> str:
    details = {
        "promo": action.offer,
        "sms": action.template,
        "escalate": "urgent" if action.urgent else "",
        "callback": action.at.isoformat() if action.at else "",
        "transfer": {True: "connected", False: "failed", None: "unknown"}[action.connected],
    }
    return f"{action.kind} {details.get(action.kind, '')}".strip()
