"""Nothing lost, nothing twice: a campaign whose processes are killed and whose database is restarted.

    python benchmarks/chaos.py [--json] [--leads 500] [--kills 20] [--restarts 2] [--machines 3] [--lines 4] [--moves 0]
                               [--seed 1] [--keep FOLDER]

Three `voicebot dial` and one `voicebot jobs` on one embedded PostgreSQL call hundreds of scripted people over real SIP
on loopback, while `kill -9` strikes line, jobs and supervisor processes at random and PostgreSQL is shut down at once
and started again; with `--moves`, machines also leave and join as they are told to. Afterwards the invariants of
`voicebot/rehearsal/chaos/invariants.py` are checked against the database, the gateways' files and the people's own log.
Exit code 1 when one is broken. `--keep` leaves everything in FOLDER.
"""

import argparse
import asyncio
import json
import logging
import shutil
import signal
import sys
import tempfile
from dataclasses import fields
from pathlib import Path

from voicebot.rehearsal.chaos.report import ChaosPlan, figures
from voicebot.rehearsal.chaos.run_chaos import run_chaos


def main() -> None:
    """Parse, run, print."""
    options = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    options.add_argument("--json", action="store_true")
    sizes = {"leads": 500, "kills": 20, "restarts": 2, "machines": 3, "lines": 4, "moves": 0, "seed": 1}
    for name, default in sizes.items():
        options.add_argument(f"--{name}", type=int, default=default)
    options.add_argument("--keep", type=Path)
    wanted = vars(options.parse_args())
    as_json, keep = wanted.pop("json"), wanted.pop("keep")
    if not as_json:
        logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(message)s")
        logging.getLogger("voicebot.rehearsal").setLevel(logging.INFO)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # leave no process behind
    plan = ChaosPlan(**wanted)
    folder = keep or Path(tempfile.mkdtemp(prefix="voicebot-chaos-"))
    folder.mkdir(parents=True, exist_ok=True)
    try:
        report = asyncio.run(run_chaos(plan, folder))
    finally:
        if keep is None:
            shutil.rmtree(folder, ignore_errors=True)
    numbers = figures(plan, report)
    print(
        json.dumps({"figures": numbers})
        if as_json
        else "\n".join(f"{name:20} {value}" for name, value in numbers.items())
    )
    for kind in fields(report.findings):
        for found in getattr(report.findings, kind.name):
            print(f"{kind.name}: {found}", file=sys.stderr)
    sys.exit(0 if report.findings.clean and report.quiet else 1)


if __name__ == "__main__":
    main()
