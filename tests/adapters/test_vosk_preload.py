"""A fork server loads the model; its children have it without loading."""

import multiprocessing
import os
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from voicebot.adapters import vosk_preload
from voicebot.adapters.vosk_preload import VARIABLE
from voicebot.adapters.vosk_recogniser import _loaded, load_model
from voicebot.config import Settings


def _report(answers: Connection, folder: str) -> None:
    """Runs in the child: what does it take to get the model?"""
    cached = _loaded.cache_info().currsize
    started = time.perf_counter()
    load_model(Path(folder))
    answers.send((cached, time.perf_counter() - started))


def test_a_child_of_the_fork_server_has_the_model_without_loading(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = str(Settings().model)
    monkeypatch.setenv(VARIABLE, folder)
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([vosk_preload.__name__])
    receiving, sending = context.Pipe(duplex=False)
    child = context.Process(target=_report, args=(sending, folder))
    child.start()
    assert receiving.poll(30)
    cached, seconds = receiving.recv()
    child.join(30)
    assert child.exitcode == 0
    assert cached == 1, "the model was there before the child asked for it"
    assert seconds < 0.01, "and getting it loaded nothing"


def test_importing_it_without_a_model_named_loads_nothing() -> None:
    assert VARIABLE not in os.environ
    assert vosk_preload.VARIABLE == "VOICEBOT_PRELOAD_MODEL"
