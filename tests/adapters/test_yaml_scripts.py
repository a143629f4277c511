"""A wrong script is refused with every problem, its line and its repair."""

from pathlib import Path

import pytest

from voicebot.adapters.yaml_scripts import examine_script, find_script, load_script, load_scripts, script_files
from voicebot.config import PROJECT
from voicebot.domain.errors import BadInput
from voicebot.domain.intent import ListenKind
from voicebot.domain.outcome import Disposition

SCRIPTS = PROJECT / "scripts"
HEAD = """\
title: Проба
purpose: service
include: [interrupts.yaml]
start: greeting
time_up: bye
"""
GREETING = """\
  greeting:
    say: Это робот компании {company}, разговор записывается. Удобно говорить?
    listen: yes_no
    on: {yes: bye, no: bye}
    silence: bye
    unknown: bye
"""
BYE = """\
  bye:
    say: До свидания!
    enter: {settle: informed}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shared = (SCRIPTS / "shared" / "interrupts.yaml").read_text(encoding="utf-8")
    (tmp_path / "interrupts.yaml").write_text(shared, encoding="utf-8")
    return tmp_path


def problems(folder: Path, text: str) -> list[str]:
    path = folder / "trial.yaml"
    path.write_text(text, encoding="utf-8")
    _, found = examine_script(path)
    return [str(problem).removeprefix(f"{folder}/") for problem in found]


QUESTION = "interrupts: {question: {say: Один вопрос.}}\n"


def test_shipped_scripts_have_no_problems() -> None:
    scripts = load_scripts(SCRIPTS)
    assert {"winback", "reminder", "quality"} <= set(scripts)
    assert {"greeting", "offer", "better_offer", "reason", "remedy", "transfer", "nps", "agree_time"} <= set(
        scripts["winback"].states
    )


def test_smallest_script_is_read_with_defaults(folder: Path) -> None:
    (folder / "trial.yaml").write_text(HEAD + QUESTION + "states:\n" + GREETING + BYE, encoding="utf-8")
    script = load_script(folder / "trial.yaml")
    greeting = script.states["greeting"]
    assert (script.name, script.start, greeting.context) == ("trial", "greeting", "greeting")
    assert (greeting.listening.kind, greeting.listening.end_silence_ms) == (ListenKind.YES_NO, 500)
    assert script.states["bye"].enter.settle is Disposition.INFORMED
    assert greeting.say.key == "trial.greeting"
    assert script.states["stop_confirm"].say.key == "interrupts.stop_confirm"


def test_state_may_change_how_it_listens(folder: Path) -> None:
    listening = "{kind: open, end_silence_ms: 1200, longest_speech_s: 40, patience_s: 8, barge_in: no}"
    text = HEAD + QUESTION + "states:\n" + GREETING.replace("yes_no", listening) + BYE
    (folder / "trial.yaml").write_text(text, encoding="utf-8")
    heard = load_script(folder / "trial.yaml").states["greeting"].listening
    assert (heard.end_silence_ms, heard.longest_speech_s, heard.patience_s, heard.barge_in) == (1200, 40, 8, False)


@pytest.mark.parametrize(
    ("wrong", "right", "problem"),
    [
        ("yes: bye,", "yes: by,", "trial.yaml:8: greeting: yes: unknown state 'by' (did you mean 'bye'?)"),
        ("{yes: bye,", "{yess: bye, yes: bye,", "trial.yaml:11: greeting: unknown intent 'yess' (did you mean 'yes'?)"),
        ("listen:", "lisen:", "trial.yaml:10: greeting: unknown key 'lisen' (did you mean 'listen'?)"),
        ("yes_no", "yes_or_no", "greeting: unknown kind of listening 'yes_or_no' (did you mean 'yes_no'?)"),
        ("    silence: bye\n", "", "trial.yaml:8: greeting: 'silence' is missing (add `silence:`)"),
        ("settle: informed", "settle: happy", "bye: unknown disposition 'happy'"),
        ("settle: informed", "tag: x, tag: y", "bye: 'tag' is written twice, first in line 16 (keep one)"),
        ("settle: informed", "stop: maybe", "bye: 'stop' must be yes or no"),
        ("компании {company}", "магазина", "greeting: the first sentence does not name the advertiser"),
        ("Это робот компании", "Это. Робот компании", "greeting: the first sentence does not name the advertiser"),
        ("робот", "помощница", "greeting: the first words do not say that a robot calls"),
        ("разговор записывается", "да", "greeting: the first words do not say that the call is recorded"),
        ("До свидания!", "Меня зовут Ольга.", "bye: the bot passes for a person"),
        ("До свидания!", "Это Мария, до свидания.", "bye: the bot passes for a person: «Это Мария»"),
        ("{company}", "{compani}", "nobody fills the variable 'compani' (did you mean 'company'?)"),
        ("До свидания!", "До свидания! " * 20, "bye: takes about 20 s to say"),
        ("До свидания!", "Скидка 10%", "bye: cannot be spoken as written: «Скидка 10%»"),
        ("start: greeting", "start: greting", "start: unknown state 'greting' (did you mean 'greeting'?)"),
        (
            "start: greeting",
            "start: greeting\nentrances: {inbound: greting}",
            "entrances: inbound: unknown state 'greting'",
        ),
        ("start: greeting", "start: greeting\nentrances: {outbound: bye}", "entrances: unknown key 'outbound'"),
        (
            "start: greeting",
            "start: greeting\nentrances: {inbound: bye}",
            "bye: the first sentence does not name the adv",
        ),
        ("title: Проба\n", "", "trial.yaml:1: 'title' is missing"),
        ("purpose: service", "purpose: fun", "unknown purpose 'fun' (known: advertising, service)"),
        ("[interrupts.yaml]", "[nowhere.yaml]", "include: no file"),
        ("no: bye", "number: bye", "greeting: asks yes or no, yet 'no' leads nowhere"),
        ("no: bye", "no: bye, stop: bye", "greeting: 'stop' means the same in every state"),
        ("settle: informed", "transfer: Клиент", "bye: connects a manager, who may not answer"),
        ("До свидания!", "До свидания!\n    next: bye", "bye: the conversation never ends from here"),
        ("unknown: bye", "unknown: {say: [Да или нет]}", "greeting: unknown: 'to' is missing"),
        ("unknown: bye", "unknown: {to: bye}\n    next: bye", "greeting: 'next' has no use in a state that listens"),
    ],
)
def test_mistake_is_named_with_its_place(folder: Path, wrong: str, right: str, problem: str) -> None:
    text = HEAD + QUESTION + "states:\n" + GREETING + BYE
    assert wrong in text
    found = problems(folder, text.replace(wrong, right))
    assert any(problem in one for one in found), found


MESSAGE = """\
  voicemail_message:
    say: Это робот компании {company}. Перезвоним позже.
    enter: {decide: voicemail}
"""


def test_message_to_a_machine_is_reached_by_the_interrupt_alone(folder: Path) -> None:
    (folder / "trial.yaml").write_text(HEAD + QUESTION + "states:\n" + GREETING + BYE + MESSAGE, encoding="utf-8")
    message = load_script(folder / "trial.yaml").machine_message
    assert message is not None and message.say.key == "trial.voicemail_message"


@pytest.mark.parametrize(
    ("wrong", "right", "problem"),
    [
        (" компании {company}", "", "voicemail_message: the message to a machine does not name the advertiser"),
        ("робот", "магазин", "voicemail_message: the message to a machine does not say that a robot calls"),
        ("позже.", "позже с кодом {promo_code}.", "voicemail_message: leaves a promo code with a machine"),
        ("decide: voicemail", "decide: voicemail, promo: yes", "does more than leave a machine a message"),
        ("decide: voicemail", "decide: silent", "does more than leave a machine a message"),
        ("Перезвоним", "Перезвоним " * 30, "voicemail_message: takes about"),
        ("voicemail_message:", "message_to_machine:", "message_to_machine: no answer leads here"),
    ],
)
def test_mistake_in_a_message_to_a_machine_is_named(folder: Path, wrong: str, right: str, problem: str) -> None:
    assert wrong in MESSAGE
    found = problems(folder, HEAD + QUESTION + "states:\n" + GREETING + BYE + MESSAGE.replace(wrong, right))
    assert any(problem in one for one in found), found


def test_only_the_interrupt_of_a_machine_leaves_messages(folder: Path) -> None:
    greeting = GREETING.replace("no: bye", "no: {to: bye, leave_message: bye}")
    (only,) = problems(folder, HEAD + QUESTION + "states:\n" + greeting + BYE)
    assert only.startswith("trial.yaml:8: greeting: 'leave_message' has no use on 'no'")


def test_a_script_may_hang_up_on_machines_whatever_the_dialplan_says(folder: Path) -> None:
    interrupts = QUESTION.replace("{question", "{voicemail: voicemail, question")
    (folder / "trial.yaml").write_text(HEAD + interrupts + "states:\n" + GREETING + BYE, encoding="utf-8")
    assert load_script(folder / "trial.yaml").machine_message is None


def test_unreachable_state_is_named(folder: Path) -> None:
    lonely = BYE.replace("bye", "lonely")
    found = problems(folder, HEAD + QUESTION + "states:\n" + GREETING + BYE + lonely)
    assert found == ["trial.yaml:17: lonely: no answer leads here (lead to it from a state, or delete it)"]


def test_states_that_only_ask_each_other_never_end(folder: Path) -> None:
    circle = GREETING.replace("bye", "other") + GREETING.replace("greeting:", "other:").replace("bye", "greeting")
    found = problems(folder, HEAD + QUESTION + "states:\n" + circle + BYE)
    assert [one for one in found if "never ends" in one] == [
        "trial.yaml:8: greeting: the conversation never ends from here "
        "(lead it to a state that does not listen and has no `next:`)",
        "trial.yaml:14: other: the conversation never ends from here "
        "(lead it to a state that does not listen and has no `next:`)",
    ]


def test_script_without_interrupts_lacks_all_of_them(folder: Path) -> None:
    found = problems(folder, HEAD.replace("include: [interrupts.yaml]\n", "") + "states:\n" + GREETING + BYE)
    missing = [one for one in found if "add `" in one]
    assert len(missing) == 8
    assert "interrupts: 'stop' is missing" in " ".join(missing)


def test_unknown_message_template_is_named_where_templates_are_known(folder: Path) -> None:
    (folder / "messages.yaml").write_text("promo: Ваш промокод {code}\n", encoding="utf-8")
    text = HEAD + QUESTION + "states:\n" + GREETING + BYE.replace("settle: informed", "message: prmo")
    assert problems(folder, text) == ["trial.yaml:14: bye: no message template 'prmo' (known: promo)"]
    assert [path.name for path in script_files(folder)] == ["trial.yaml"]


def test_all_problems_come_at_once(folder: Path) -> None:
    text = (HEAD + QUESTION + "states:\n" + GREETING + BYE).replace("робот", "Анна").replace("no: bye", "no: by")
    (folder / "trial.yaml").write_text(text.replace("До свидания!", "10"), encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        load_script(folder / "trial.yaml")
    assert len(refused.value.problems) == 4
    assert all(problem.where for problem in refused.value.problems)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"states: [", "not YAML"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"just words", "holds no keys"),
        (b"", "holds no keys"),
    ],
)
def test_file_that_is_no_script_is_refused(folder: Path, content: bytes, message: str) -> None:
    (folder / "trial.yaml").write_bytes(content)
    script, found = examine_script(folder / "trial.yaml")
    assert script is None
    assert message in str(found[0])


def test_unknown_name_lists_the_scripts_there_are(folder: Path) -> None:
    (folder / "trial.yaml").write_text(HEAD + QUESTION + "states:\n" + GREETING + BYE, encoding="utf-8")
    assert find_script("trial", folder) == folder / "trial.yaml"
    with pytest.raises(BadInput, match=r"no script 'wingback'.*trial"):
        find_script("wingback", folder)
    with pytest.raises(BadInput, match="cannot be read"):
        load_script(find_script(str(folder / "absent.yaml"), folder))
