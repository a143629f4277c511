"""Loads the model at import: named in a forkserver's preload, every line process shares its memory.

Use: `os.environ[VARIABLE] = str(model folder)`, then `multiprocessing.get_context("forkserver")` with
`set_forkserver_preload(["voicebot.adapters.vosk_preload"])` before the first process. A child's `load_model` of the
same folder then returns the model that is there already. A folder that does not load is left to the children, who say
what is wrong with it: an error here would kill the fork server without a word.
"""

import contextlib
import gc
import os
from pathlib import Path
from typing import Final

from voicebot.adapters.vosk_recogniser import load_model
from voicebot.domain.errors import VoicebotError

VARIABLE: Final = "VOICEBOT_PRELOAD_MODEL"

if folder := os.environ.get(VARIABLE):
    with contextlib.suppress(VoicebotError):
        load_model(Path(folder))
    gc.freeze()  # the collector would write into the pages of preloaded objects and so copy them in every child
