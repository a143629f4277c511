"""A script as a picture: Mermaid for documents, SVG for eyes."""

from collections.abc import Collection, Mapping
from html import escape
from types import MappingProxyType
from typing import Final

from voicebot.domain.script import Effects, Escalation, Route, Script, State
from voicebot.domain.script_layout import ANYWHERE, ASKS_AGAIN, HEADER, LINE, Box, Exit, lay_out

_COLOURS = {
    "accepted": "#1b7f3b",
    "declined": "#8a6d1d",
    "complaint": "#b3541e",
    "wants_human": "#5b4b9a",
    "callback": "#1f6f8b",
    "stop": "#a11f2d",
    "wrong_person": "#6b6b6b",
    "voicemail": "#6b6b6b",
    "silent": "#6b6b6b",
    "unclear": "#6b6b6b",
    "informed": "#3b6e57",
}
_PLAIN = "#33415c"
_WRONG = "#ad1f2d"
ENGLISH: Final[Mapping[str, str]] = MappingProxyType({one: one for one in (ANYWHERE, ASKS_AGAIN)})
"""Words of a picture that are not the script's own."""


def mermaid(script: Script) -> str:
    """A Mermaid flowchart: an arrow per target with all that leads there, what holds everywhere dashed."""
    lines = ["flowchart LR", f"  %% {script.title}"]
    for state in script.states.values():
        left, right = ("[", "]") if state.listens else ("([", "])")
        lines.append(f'  {state.name}{left}"<b>{state.name}</b>{_brief(state)}"{right}')
    for state in script.states.values():
        for target, names in _arrows([(event, route) for event, route in state.routes()]).items():
            lines.append(f"  {state.name} -->|{', '.join(names)}| {target}")
    lines.append('  anywhere{{"in every state"}}')
    for target, names in _arrows([(intent.value, route) for intent, route in script.interrupts.items()]).items():
        lines.append(f"  anywhere -.->|{', '.join(names)}| {target or 'anywhere'}")
    lines.extend(f"  style {name} stroke-width:3px" for name in script.beginnings)
    return "\n".join(lines) + "\n"


def _brief(state: State) -> str:
    words = state.say.template.replace('"', "'").replace("{", "‹").replace("}", "›")
    text = f"<br/>{words[:60]}{'…' if len(words) > 60 else ''}" if words else ""
    doings = doing(state.enter)
    return text + (f"<br/><i>{', '.join(doings)}</i>" if doings else "")


def _arrows(routes: list[tuple[str, Route]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for event, route in routes:
        for target in dict.fromkeys(route.targets):
            found.setdefault(target, []).append(event)
    return found


def doing(effects: Effects) -> list[str]:
    """What effects do, in a few words each."""
    named = {
        "decide": effects.decide,
        "settle": effects.settle,
        "offer": effects.offer,
        "sms": effects.message,
        "escalate": effects.escalate if effects.escalate is not Escalation.NONE else "",
        "tag": " ".join(effects.tags),
    }
    flags = {
        "promo": effects.promo,
        "stop-list": effects.stop,
        "wrong number": effects.wrong_number,
        "call back": effects.schedule,
        "review": effects.review,
        "transfer": effects.transfer is not None,
    }
    return [f"{key}: {value}" for key, value in named.items() if value] + [key for key, on in flags.items() if on]


def svg(script: Script, *, wrong: Collection[str] = (), words: Mapping[str, str] = ENGLISH) -> str:
    """One self-contained SVG: a card per state with its prompt and exits, lines between the states that listen.

    `wrong`: states to mark; `words`: ours (`ENGLISH`) in another language. Classes let a page choose colours; a card
    names the line of its state in the script's own file.
    """
    drawing = lay_out(script, {state.name: doing(state.enter) for state in script.states.values()})
    boxes = {box.name: box for box in drawing.boxes}
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{drawing.width}" height="{drawing.height}" '
        f'viewBox="0 0 {drawing.width} {drawing.height}" font-family="DejaVu Sans, Arial, sans-serif" font-size="11">',
        f'<rect class="sheet" width="{drawing.width}" height="{drawing.height}" fill="#fbfbf9"/>',
        f'<text class="words" x="24" y="30" font-size="18" fill="#222">'
        f"{escape(script.title)} ({escape(script.name)})</text>",
    ]
    for box in drawing.boxes:
        parts.extend(
            _line(box, way, boxes[way.target])
            for way in box.exits
            if way.target in boxes and boxes[way.target].exits and way.target != box.name
        )
    parts.extend(_card(box, script, words, wrong=box.name in wrong) for box in drawing.boxes)
    return "\n".join([*parts, "</svg>"]) + "\n"


def _colour(name: str, script: Script) -> str:
    state = script.states.get(name)
    decision = state and (state.enter.decide or state.enter.settle)
    return _COLOURS.get(decision.value, _PLAIN) if decision else _PLAIN


def _line(source: Box, way: Exit, target: Box) -> str:
    x1, y1, y2 = source.x + source.width, source.y + way.offset - 4, target.y + HEADER / 2
    if target.x > source.x:
        x2, bend = target.x, (target.x - x1) / 2
        path = f"M{x1},{y1} C{x1 + bend},{y1} {x2 - bend},{y2} {x2},{y2}"
    else:
        x2, bend = target.x + target.width, 46 + abs(y1 - y2) / 12
        path = f"M{x1},{y1} C{x1 + bend},{y1} {x2 + bend},{y2} {x2},{y2}"
    return f'<path class="way" d="{path}" fill="none" stroke="#8fa0bd" stroke-width="1.2" opacity="0.8"/>'


def _card(box: Box, script: Script, words: Mapping[str, str], *, wrong: bool) -> str:
    colour = _WRONG if wrong else _colour(box.name, script)
    stroke = ' stroke-width="2.5"' if wrong or box.name in script.beginnings else ""
    title = words.get(box.title, box.title)
    parts = [
        f'<g transform="translate({box.x},{box.y})"{_marks(box, script, wrong=wrong)}>',
        f'<rect class="card-back" width="{box.width}" height="{box.height}" rx="6" fill="#fff" '
        f'stroke="{colour}"{stroke}/>',
        f'<rect width="{box.width}" height="{HEADER}" rx="6" fill="{colour}"/>',
        f'<text x="8" y="16" fill="#fff" font-weight="bold">{escape(title)}{" ⚠" if wrong else ""}</text>',
    ]
    y = HEADER + LINE
    for text in box.words:
        parts.append(f'<text class="words" x="8" y="{y}" fill="#222">{escape(text)}</text>')
        y += LINE
    for text in box.doings:
        parts.append(f'<text class="doing" x="8" y="{y}" fill="{colour}" font-style="italic">{escape(text)}</text>')
        y += LINE
    for way in box.exits:
        dot = _colour(way.target, script) if way.target in script.states else "#b9b9b9"
        parts.append(
            f'<circle cx="{box.width - 10}" cy="{way.offset - 4}" r="4" fill="{dot}"/>'
            f'<text class="label" x="8" y="{way.offset}" fill="#555">{escape(way.label)}</text>'
            f'<text class="target" x="{box.width - 20}" y="{way.offset}" fill="{dot}" text-anchor="end">'
            f"{escape(words.get(way.target, way.target))}</text>"
        )
    return "\n".join([*parts, "</g>"])


def _marks(box: Box, script: Script, *, wrong: bool) -> str:
    """What a page finds a card by."""
    state = script.states.get(box.name)
    own = state is not None and state.place.source == script.place.source
    line = f' data-line="{state.place.line}"' if state is not None and own else ""
    return (' class="wrong"' if wrong else "") + line
