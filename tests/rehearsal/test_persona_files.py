"""Persona files are checked whole, and the shipped ones are right."""

from pathlib import Path

import pytest

from voicebot.domain.errors import BadInput
from voicebot.domain.outcome import ActionKind, Disposition, Group
from voicebot.rehearsal.persona import (
    Answers,
    Beep,
    HangUp,
    Hum,
    KeepSilent,
    Persona,
    Press,
    Refuses,
    RingsOut,
    Role,
    Say,
    TalkOver,
    Voice,
    WaitBot,
)
from voicebot.rehearsal.persona_files import read_persona, read_personas


def written(folder: Path, text: str, name: str = "anna") -> Path:
    file = folder / f"{name}.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def problems(file: Path) -> list[str]:
    with pytest.raises(BadInput) as caught:
        read_persona(file)
    return [str(problem).removeprefix(str(file)) for problem in caught.value.problems]


def test_every_key_of_the_format_is_read(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """
name: anna
description: Анна, всё сразу
voice: {name: ru+f2, rate: 140, pitch: 60}
line: {answer_after_ms: 900}
script:
  - wait_bot
  - wait_bot: 900
    timeout_ms: 5000
  - wait_bot:
    timeout_ms: 4000
  - say: да, слушаю
    reaction_ms: 250
  - talk_over: стоп
    after_ms: 800
  - hum
  - beep: 1400
    length_ms: 300
  - press: 1
  - silence: 2000
  - hang_up: 2
    after_ms: 700
  - hang_up
otherwise: не знаю
expect:
  group: interested
  disposition: accepted
  tags: [price, later]
  actions: [sms, promo]
""",
    )
    anna = read_persona(file)
    assert (anna.voice, anna.line) == (Voice(name="ru+f2", rate=140, pitch=60), Answers(after_ms=900))
    assert anna.script == (
        WaitBot(),
        WaitBot(silence_ms=900, timeout_ms=5000),
        WaitBot(timeout_ms=4000),
        Say(text="да, слушаю", reaction_ms=250),
        TalkOver(text="стоп", after_ms=800),
        Hum(),
        Beep(hz=1400, length_ms=300),
        Press(digit="1"),
        KeepSilent(length_ms=2000),
        HangUp(utterance=2, after_ms=700),
        HangUp(),
    )
    assert anna.texts == ("да, слушаю", "стоп", "угу", "не знаю")
    assert anna.expect is not None
    assert anna.expect.tags == ("later", "price")
    assert (anna.expect.promo, anna.expect.sms) == (True, True)


def test_every_problem_is_reported_at_once_with_its_line(tmp_path: Path) -> None:
    file = written(
        tmp_path,
        """name: olga
description: Ольга
voice: {name: en, rate: 9}
line: {refuse: 200}
scrpt: []
script:
  - say: Да 5
  - sey: да
  - press: 12
  - say
expect:
  group: intrested
  actions: [promo, coffee]
""",
    )
    assert problems(file) == [
        ":5: 'scrpt' means nothing here (did you mean 'script'?)",
        ":1: 'olga' must be 'anna', as the file",
        ":3: 'en' must be `ru` or `ru+<variant>`",
        ":3: '9' must be a whole number from 80 to 300",
        ":4: '200' must be a whole number from 400 to 699",
        ":7: 'Да 5' must be lower-case Russian words, no digits",
        ":8: no step is called 'sey' (did you mean 'say'?)",
        ":9: '12' must be one key: 0-9, * or #",
        ":10: 'say' needs a value (write `- say: ...`)",
        ":12: `disposition` is missing",
        ":12: 'intrested' is none of interested, neutral, negative, none (did you mean 'interested'?)",
        ":13: 'coffee' is none of promo, sms, stop, callback, escalate, transfer, review, wrong_number"
        " (use one of promo, sms, stop, callback, escalate, transfer, review, wrong_number)",
        ":7: nobody answers this line (remove `script` or let the line answer)",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("name: [", "is not YAML"),
        ("- a\n- b\n", "must be a mapping"),
        ("", "must be a mapping"),
        ("name: anna\ndescription: Анна\n", "`expect` is missing"),
        ("name: anna\ndescription: Анна\nrole: manager\nexpect: {group: none, disposition: busy}\n", "no outcome"),
        ("name: anna\nname: anna\ndescription: Анна\nrole: manager\n", "'name' is given twice"),
        ("name: anna\ndescription: Анна\nrole: manager\nline: {}\n", "must have one of"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    assert problem in "\n".join(problems(written(tmp_path, text)))


def test_a_folder_reports_the_problems_of_all_its_files(tmp_path: Path) -> None:
    written(tmp_path, "name: anna\n")
    written(tmp_path, "name: boris\n", name="boris")
    with pytest.raises(BadInput) as caught:
        read_personas(tmp_path)
    assert {Path(problem.source).stem for problem in caught.value.problems} == {"anna", "boris"}
    with pytest.raises(BadInput, match="no such folder"):
        read_personas(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(BadInput, match=r"holds no \*\.yaml"):
        read_personas(tmp_path / "empty")


@pytest.fixture(scope="module")
def shipped() -> dict[str, Persona]:
    return {persona.name: persona for persona in read_personas()}


def test_the_shipped_personas_cover_every_row_of_the_outcome_table(shipped: dict[str, Persona]) -> None:
    expected = [persona.expect for persona in shipped.values() if persona.expect]
    assert {one.disposition for one in expected} == set(Disposition) - {
        Disposition.INFORMED,  # a reminder asks nothing
        Disposition.FAILED,  # our side's fault, no customer's
        Disposition.INTERRUPTED,  # our process's death, no customer's
    }
    assert {one.group for one in expected} == set(Group)
    assert {action for one in expected for action in one.actions} == set(ActionKind)
    tags = {tag for one in expected for tag in one.tags}
    assert tags >= {"price", "service", "no_need", "competitor", "potentially_interested", "wrong_person"}
    assert tags >= {"hung_up_at:greeting", "hung_up_at:offer"}


def test_the_shipped_personas_cover_every_way_a_line_ends(shipped: dict[str, Persona]) -> None:
    refusals = {persona.line.sip_code for persona in shipped.values() if isinstance(persona.line, Refuses)}
    assert refusals == {486, 603, 607, 480, 503, 404}
    assert any(isinstance(persona.line, RingsOut) for persona in shipped.values())
    assert [persona.name for persona in shipped.values() if persona.role is Role.MANAGER] == ["manager"]
    steps = {type(step) for persona in shipped.values() for step in persona.script}
    assert steps == {WaitBot, Say, TalkOver, Hum, HangUp, Beep, Press, KeepSilent}
