"""What the law wants said first: the advertiser, the robot, the recording (DOMAIN.md, Law 5)."""

import re
from collections.abc import Iterator
from typing import Final

from voicebot.domain.errors import Problem
from voicebot.domain.script import Script, State

_ROBOT: Final = re.compile(r"\b(робот|автоматическ|голосов\w+ (помощник|ассистент)|виртуальн)", re.IGNORECASE)
_RECORDED: Final = re.compile(r"\bзапис(ыва|ан|ь\b|и\b)", re.IGNORECASE)
_SENTENCE_END: Final = re.compile(r"[.!?…]")
_GREETING: Final = re.compile(r"^\s*(здравствуйте|добрый (день|вечер)|доброе утро)\s*[.!,]*\s*", re.IGNORECASE)
_NAMES: Final = (
    "александр|александра|алексей|алёна|алена|алиса|алла|анастасия|андрей|анна|аня|антон|борис|вадим|валентина|валерия|"
    "вера|виктор|виктория|виталий|владимир|галина|григорий|даниил|дарья|даша|денис|дмитрий|ева|евгений|евгения|"
    "екатерина|катя|елена|лена|елизавета|жанна|иван|игорь|ирина|кирилл|кристина|ксения|лариса|лидия|любовь|людмила|"
    "максим|маргарита|марина|мария|маша|михаил|надежда|наталья|наташа|никита|николай|оксана|олег|ольга|оля|павел|"
    "полина|роман|светлана|сергей|софия|степан|тамара|татьяна|таня|юлия|юля|юрий|яна|ярослав"
)
_HUMAN_NAME: Final = re.compile(
    rf"\b(меня|мо[её] имя|имя мо[её])\s*[-—]?\s*зовут\b|\bмо[её] имя\b|\bзовут меня\b"
    rf"|\b(это|я|с вами|вас беспокоит|вам звонит|говорит|общается|помощни[кц]\w*|ассистент\w*|робот|оператор|менеджер)"
    rf"\s*[,—-]?\s+(говорит\s+)?(по имени\s+)?({_NAMES})\b",
    re.IGNORECASE,
)


def check_disclosure(script: Script) -> Iterator[Problem]:
    """What is missing from the first words, and every human name the bot gives itself."""
    for name in script.beginnings:
        if name in script.states:
            yield from _first_words(script, script.states[name])
    yield from _message_to_machine(script)
    for state in script.states.values():
        for line in state.lines():
            named = _HUMAN_NAME.search(line.template)
            if named:
                message = f"the bot passes for a person: «{named[0]}»"
                yield _problem(state, message, "let it say that it is a robot")
    for intent, route in script.interrupts.items():
        if route.say and _HUMAN_NAME.search(route.say.template):
            message = f"interrupts: {intent}: the bot passes for a person"
            repair = "let it say that it is a robot"
            yield Problem(source=script.place.source, where=str(script.place.line), message=message, repair=repair)


def _first_words(script: Script, state: State) -> Iterator[Problem]:
    words = _until_first_answer(script, state)
    first = _SENTENCE_END.split(_GREETING.sub("", words), maxsplit=1)[0]
    if "{company}" not in first:
        yield _problem(state, "the first sentence does not name the advertiser", "put {company} into it")
    if not _ROBOT.search(words):
        yield _problem(state, "the first words do not say that a robot calls", "say «робот»")
    if not _RECORDED.search(words):
        yield _problem(state, "the first words do not say that the call is recorded", "say «разговор записывается»")


def _message_to_machine(script: Script) -> Iterator[Problem]:
    """Whoever plays the message back must learn the same; there is no talk to record."""
    state = script.machine_message
    if state is None:
        return
    if "{company}" not in state.say.template:
        yield _problem(state, "the message to a machine does not name the advertiser", "put {company} into it")
    if not _ROBOT.search(state.say.template):
        yield _problem(state, "the message to a machine does not say that a robot calls", "say «робот»")


def _until_first_answer(script: Script, state: State) -> str:
    """Everything said before the customer is listened to."""
    words, seen = [], set[str]()
    while state.name not in seen:
        seen.add(state.name)
        words += [line.template for line in (state.notice, state.say) if line]
        if state.listens or state.next not in script.states:
            break
        state = script.states[state.next]
    return " ".join(words)


def _problem(state: State, message: str, repair: str) -> Problem:
    where = str(state.place.line or "")
    return Problem(source=state.place.source, where=where, message=f"{state.name}: {message}", repair=repair)
