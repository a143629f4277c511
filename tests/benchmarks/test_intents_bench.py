"""The labelled bench keeps its promises."""

import json
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parents[2] / "benchmarks" / "intents.py"


def test_bench_reaches_its_targets() -> None:
    done = subprocess.run([sys.executable, BENCH, "--json"], capture_output=True, check=True, timeout=60)
    figures = json.loads(done.stdout)["figures"]
    assert figures["utterances"] >= 400
    assert figures["accuracy"] >= 0.95
    assert figures["stop_recall"] == 1.0
    assert figures["ratio_to_keyword_baseline"] > 2
    assert figures["false_stops"] <= figures["utterances"] // 200
