"""Pictures of scripts hold every state and every way out."""

import xml.etree.ElementTree as ET
from itertools import combinations

from voicebot.adapters.yaml_scripts import load_script
from voicebot.config import PROJECT
from voicebot.domain.script_graph import doing, mermaid, svg
from voicebot.domain.script_layout import lay_out

SCRIPT = load_script(PROJECT / "scripts" / "winback.yaml")


def test_mermaid_has_a_node_per_state_and_an_arrow_per_target() -> None:
    drawing = mermaid(SCRIPT)
    assert all(f"  {name}[" in drawing or f"  {name}([" in drawing for name in SCRIPT.states)
    for state in SCRIPT.states.values():
        for _, route in state.routes():
            assert all(f"  {state.name} -->|" in drawing and f"| {target}\n" in drawing for target in route.targets)


def test_svg_is_well_formed_and_names_every_state() -> None:
    words = "".join(ET.fromstring(svg(SCRIPT)).itertext())
    assert all(name in words for name in SCRIPT.states)


def test_cards_lie_on_the_sheet_and_do_not_overlap() -> None:
    drawing = lay_out(SCRIPT, {name: doing(state.enter) for name, state in SCRIPT.states.items()})
    assert len(drawing.boxes) == len(SCRIPT.states) + 1
    for box in drawing.boxes:
        assert box.x >= 0 and box.x + box.width <= drawing.width and box.y >= 0 and box.y + box.height <= drawing.height
    for one, other in combinations(drawing.boxes, 2):
        apart = one.x + one.width < other.x or other.x + other.width < one.x
        assert apart or one.y + one.height < other.y or other.y + other.height < one.y
