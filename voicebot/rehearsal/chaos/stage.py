"""What stands before a run: people with numbers, a script, a dialplan, a released campaign."""

import asyncio
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Final

import yaml
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from voicebot.adapters.store.crm_tables import consents, customer_phones, customers
from voicebot.adapters.store.unit_of_work import SqlUnitOfWork
from voicebot.application.release_campaign import prepare_campaign, release_campaign
from voicebot.config import PROJECT
from voicebot.domain.campaign import CampaignKind, NewCampaign
from voicebot.rehearsal.chaos.invariants import Limits
from voicebot.rehearsal.chaos.rtp_sound import encode_alaw
from voicebot.rehearsal.composition import speak_lines
from voicebot.rehearsal.persona import Persona, Say

LIMITS: Final = Limits(attempts=4, day=3)
DIALPLAN: Final = "chaos"
_SCRIPT: Final = Path(__file__).with_name("chaos_script.yaml")
_OUR_FAULT: Final = ("unreachable", "failed", "interrupted", "silent", "unclear")
_SPOKEN: Final = "Да, интересно"
_FIRST_NUMBER: Final = 79_160_000_000


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """Files of a run."""

    folder: Path

    @property
    def scripts(self) -> Path:
        """Scripts of the machines."""
        return self.folder / "scripts"

    @property
    def dialplan(self) -> Path:
        """Dialplan of the machines."""
        return self.folder / f"{DIALPLAN}.yaml"

    @property
    def spoken(self) -> Path:
        """A-law of what speaking people say."""
        return self.folder / "spoken.alaw"

    @property
    def journal(self) -> Path:
        """The callees' log."""
        return self.folder / "seen.jsonl"

    @property
    def sms(self) -> Path:
        """File of the SMS gateway."""
        return self.folder / "sms.jsonl"

    @property
    def news(self) -> Path:
        """File of the CRM gateway."""
        return self.folder / "crm.jsonl"

    def variables(self, machine: str, database_url: str) -> dict[str, str]:
        """Settings of one machine."""
        return {
            "VOICEBOT_HOME": str(self.folder / machine),
            "VOICEBOT_DATABASE_URL": database_url,
            "VOICEBOT_SCRIPTS": str(self.scripts),
            "VOICEBOT_DIALPLAN": str(self.dialplan),
            "VOICEBOT_RECORDINGS": str(self.folder / "recordings"),
            "VOICEBOT_PROMPTS": str(self.folder / "no-prompts"),
            "VOICEBOT_VOICE_RATE": "260",
            "VOICEBOT_LEASE_SECONDS": "10",
            "VOICEBOT_GRACE_SECONDS": "20",
            "VOICEBOT_SMS_GATEWAY": "file",
            "VOICEBOT_SMS_FILE": str(self.sms),
            "VOICEBOT_CRM": "json",
            "VOICEBOT_CRM_FILE": str(self.news),
        }


async def write_files(stage: Stage) -> None:
    """The script and the sound of a person who says yes."""
    await asyncio.to_thread(shutil.copytree, PROJECT / "scripts" / "phrases", stage.scripts / "phrases")
    await asyncio.to_thread(shutil.copy, PROJECT / "scripts" / "messages.yaml", stage.scripts)
    await asyncio.to_thread(shutil.copy, _SCRIPT, stage.scripts / f"{DIALPLAN}.yaml")
    speaker = Persona(name="speaks", description="говорит «да»", script=(Say(text=_SPOKEN),))
    actors = await speak_lines([speaker], cache=stage.folder / "spoken")
    sound = encode_alaw(actors[speaker.name].lines[_SPOKEN].samples)
    await asyncio.to_thread(stage.spoken.write_bytes, sound)


def write_dialplan(stage: Stage, *, sip_port: int) -> None:
    """Every number leads to the callees; what may be tried again is tried again within seconds."""
    plan: dict[str, Any] = {
        "trunks": {
            "loop": {
                "host": "127.0.0.1",
                "port": sip_port,
                "lines": 64,
                "calls_per_second": 50,
                "ring_timeout_s": 2,
                "caller_ids": ["+74951234567"],
                "label": {"contract": "rehearsal", "name": "Пример", "category": "реклама"},
            }
        },
        "routes": [{"match": "*", "trunks": ["loop"]}],
        "hours": "around_the_clock",
        "holidays": "call",
        "caps": {"day": LIMITS.day, "week": 50, "month": 50},
        "longest_call_s": 15,
        "redial": {
            "attempts": LIMITS.attempts,
            "after": {
                **{cause: {"wait": "2 s", "times": 1} for cause in ("busy", "no_answer")},
                **{cause: {"wait": "2 s", "times": 3} for cause in _OUR_FAULT},
            },
        },
    }
    stage.dialplan.write_text(yaml.safe_dump(plan, allow_unicode=True), encoding="utf-8")


async def invite(engine: AsyncEngine, leads: int) -> Sequence[int]:
    """So many people who have consented to calls and messages; their ids."""
    now = datetime.now(UTC)
    async with engine.begin() as connection:
        rows = [{"external_id": f"chaos-{n}", "first_name": "Иван", "patronymic": "Петрович"} for n in range(leads)]
        people = list(await connection.scalars(insert(customers).returning(customers.c.id), rows))
        numbers = [
            {"customer_id": person, "phone": f"+{_FIRST_NUMBER + n}", "is_primary": True}
            for n, person in enumerate(people)
        ]
        await connection.execute(insert(customer_phones), numbers)
        agreed = {"kind": "advertising", "source": "rehearsal", "wording_version": "1", "given_at": now}
        given = [{"customer_id": person, "scope": scope, **agreed} for person in people for scope in ("call", "sms")]
        await connection.execute(insert(consents), given)
    return people


async def release(engine: AsyncEngine, people: Sequence[int]) -> None:
    """The campaign; from here on free lines dial."""
    open_unit, now = partial(SqlUnitOfWork, engine), datetime.now(UTC)
    wanted = NewCampaign(name="Chaos", kind=CampaignKind.ADVERTISING, script=DIALPLAN, dialplan=DIALPLAN)
    campaign, _ = await prepare_campaign(open_unit, wanted, people, by="rehearsal", now=now)
    await release_campaign(open_unit, campaign.id, by="rehearsal", now=now)
