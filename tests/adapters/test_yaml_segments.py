"""Segment files are checked whole."""

from decimal import Decimal
from pathlib import Path

import pytest

from voicebot.adapters.yaml_segments import load_segment
from voicebot.domain.customer import InterestSignal, ValueClass
from voicebot.domain.errors import BadInput
from voicebot.domain.segment import Interested, Segment, Shrunk, Silent

SHIPPED = sorted((Path(__file__).parents[2] / "scripts" / "segments").glob("*.yaml"))


def test_every_bound_can_be_written(tmp_path: Path) -> None:
    file = tmp_path / "segment.yaml"
    file.write_text(
        "name: кофе\nkind: silent\nmonths: 2\nmin_orders: 2\nmax_orders: 9\nmin_spent: 3000.50\nmax_spent: 90000\n"
        "last_order_within_months: 24\ncategories: [Кофе, Чай]\nvalue_classes: C\nno_reaction_to_last: 2\n",
        encoding="utf-8",
    )
    assert load_segment(file) == Segment(
        name="кофе",
        rule=Silent(months=2),
        min_orders=2,
        max_orders=9,
        min_spent=Decimal("3000.50"),
        max_spent=Decimal(90000),
        last_order_within_months=24,
        categories=("Кофе", "Чай"),
        value_classes=(ValueClass.C,),
        no_reaction_to_last=2,
    )


def test_the_other_kinds_have_keys_of_their_own(tmp_path: Path) -> None:
    file = tmp_path / "segment.yaml"
    file.write_text("name: a\nkind: interested\nsignals: [visit]\nmin_signals: 3\n", encoding="utf-8")
    wanted = Interested(signals=(InterestSignal.VISIT,), min_signals=3)
    assert (load_segment(file).rule, load_segment(file).min_orders) == (wanted, 0)
    file.write_text("name: a\nkind: shrunk\nshare: 0.25\nformer_months: 6\n", encoding="utf-8")
    assert load_segment(file).rule == Shrunk(share=Decimal("0.25"), former_months=6)


def test_every_problem_is_reported_with_its_line(tmp_path: Path) -> None:
    file = tmp_path / "segment.yaml"
    file.write_text(
        "kind: silent\nmonths: soon\nmin_orders: 5\nmax_orders: 2\nmin_spent: much\nshare: 0.1\n"
        "value_classes: [C, E]\ncategory: Кофе\n",
        encoding="utf-8",
    )
    with pytest.raises(BadInput) as refused:
        load_segment(file)
    assert sorted(problem.where for problem in refused.value.problems) == ["1", "2", "4", "5", "6", "7", "8"]
    assert f"{file}:8: unknown key 'category' (did you mean 'categories'?)" in str(refused.value)


@pytest.mark.parametrize("written", ["", "- a\n", "name: a\nkind: angry\n", "name: a\n", "name: [\n"])
def test_what_is_no_segment_is_refused(tmp_path: Path, written: str) -> None:
    file = tmp_path / "segment.yaml"
    file.write_text(written, encoding="utf-8")
    with pytest.raises(BadInput, match=r"segment\.yaml"):
        load_segment(file)


@pytest.mark.parametrize("file", SHIPPED, ids=lambda path: path.stem)
def test_the_shipped_segments_are_in_order(file: Path) -> None:
    assert load_segment(file).name
