"""A fork server loads the model; its children have it without loading."""

import json
import os
import subprocess
import sys
from pathlib import Path

from voicebot.adapters import vosk_preload
from voicebot.config import Settings

# A program of its own: a process has one fork server for life, and another test may have started ours.
_PROGRAM = """
import json, multiprocessing, os, sys
from pathlib import Path

def report(answers, folder):
    from voicebot.adapters.vosk_recogniser import _loaded, load_model
    cached = _loaded.cache_info().currsize
    load_model(Path(folder))
    answers.send((cached, _loaded.cache_info().currsize, _loaded.cache_info().hits))

if __name__ == "__main__":
    os.environ["VOICEBOT_PRELOAD_MODEL"] = sys.argv[1]
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["voicebot.adapters.vosk_preload"])
    receiving, sending = context.Pipe(duplex=False)
    child = context.Process(target=report, args=(sending, sys.argv[1]))
    child.start()
    assert receiving.poll(30)
    print(json.dumps(receiving.recv()))
    child.join(30)
    sys.exit(child.exitcode)
"""


def test_a_child_of_the_fork_server_has_the_model_without_loading(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(_PROGRAM)
    command = [sys.executable, str(program), str(Settings().model)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 0, done.stderr
    before, after, hits = json.loads(done.stdout)
    assert before == 1, "the model was there before the child asked for it"
    assert (after, hits) == (1, 1), "and getting it loaded nothing"


def test_importing_it_without_a_model_named_loads_nothing() -> None:
    assert vosk_preload.VARIABLE not in os.environ
    assert vosk_preload.VARIABLE == "VOICEBOT_PRELOAD_MODEL"
