"""What a process says before it ends."""

import logging
import multiprocessing
from collections.abc import Iterator

import pytest

from voicebot.domain.errors import BadInput, ConfigurationError, NotFound, StoreError
from voicebot.entrypoints.child_process import database_away, message_in, report_errors


@pytest.fixture(autouse=True)
def our_log_level() -> Iterator[None]:
    """A process sets it for good: the other tests of this one want theirs back."""
    ours = logging.getLogger("voicebot")
    level = ours.level
    yield
    ours.setLevel(level)


def test_the_first_message_of_a_group_is_told_unless_a_fault_of_ours_is_among_them() -> None:
    away, missing = StoreError("away"), NotFound("missing")
    assert message_in(ExceptionGroup("jobs", [ExceptionGroup("inner", [away]), missing])) is away
    assert message_in(ExceptionGroup("jobs", [away, RuntimeError("ours")])) is None
    assert message_in(KeyError("ours")) is None


def test_bad_input_becomes_a_message_to_the_supervisor_and_exit_code_2() -> None:
    def work(file: str) -> None:
        raise BadInput.one(file, "is wrong", where="3", repair="mend it")

    reading, writing = multiprocessing.Pipe(duplex=False)
    with reading, writing:
        with pytest.raises(SystemExit) as ended:
            report_errors(writing, 30, work, ("a.yaml",))
        assert ended.value.code == 2
        assert reading.recv() == "a.yaml:3: is wrong (mend it)"


def test_a_database_that_is_away_is_no_bad_input_of_a_process_that_was_started_with_it() -> None:
    def work() -> None:
        try:
            raise StoreError("away", retryable=True)
        except StoreError as error:
            raise ConfigurationError.one("VOICEBOT_DATABASE_URL", "away") from error

    reading, writing = multiprocessing.Pipe(duplex=False)
    with reading, writing, pytest.raises(SystemExit) as ended:
        report_errors(writing, 30, work, ())
    assert ended.value.code == 1, "the supervisor starts it again"
    assert not database_away(ConfigurationError.one("VOICEBOT_DATABASE_URL", "no database URL"))
    assert not database_away(StoreError("refuses our password"))


def test_a_fault_of_ours_keeps_its_traceback() -> None:
    def work() -> None:
        raise RuntimeError("ours")

    reading, writing = multiprocessing.Pipe(duplex=False)
    with reading, writing, pytest.raises(RuntimeError, match="ours"):
        report_errors(writing, 30, work, ())
