"""The trunks of a dialplan file."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypeVar

import yaml

from voicebot.adapters.yaml_nodes import Entry, YamlFile
from voicebot.domain.dialplan import Codec, MassCallLabel, Srtp, Transport, Trunk
from voicebot.domain.phone import Phone

_TRUNK: Final = (
    *("host", "port", "register", "transport", "username", "password", "from_user", "codecs", "srtp"),
    *("verify_certificate", "lines", "calls_per_second", "caller_ids", "ring_timeout_s", "label"),
    "price_per_minute",
)
_LABEL: Final = ("contract", "name", "category")
_HOST: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?|[0-9A-Fa-f:]*:[0-9A-Fa-f:.]*")
_SIP_PORT: Final = 5060
_SIP_TLS_PORT: Final = 5061

_Choice = TypeVar("_Choice", Transport, Srtp)


@dataclass(kw_only=True, slots=True)
class TrunkReader:
    """Reads `trunks:`, noting every problem in the file."""

    file: YamlFile
    from_environment: frozenset[int]
    """Lines whose value came from the environment."""

    def trunks(self, entry: Entry | None) -> tuple[Trunk, ...]:
        """All trunks that could be read."""
        if entry is None:
            return ()
        found = self.file.entries(entry.node, "trunks")
        if not found and isinstance(entry.node, yaml.MappingNode):
            self.file.note(entry.line, "trunks", "there is none", "add a trunk with its host and caller_ids")
        return tuple(self._trunk(one) for one in found.values())

    def _trunk(self, entry: Entry) -> Trunk:
        file, owner = self.file, f"trunk '{entry.key}'"
        keys = file.entries(entry.node, owner, _TRUNK)
        file.require(keys, ("host", "caller_ids"), entry.line, owner)
        transport = self._one_of(keys, "transport", owner, Transport.UDP)
        default_port = _SIP_TLS_PORT if transport is Transport.TLS else _SIP_PORT
        trunk = Trunk(
            name=entry.key,
            host=self._host(keys.get("host"), owner),
            port=int(file.number(keys.get("port"), owner, default=default_port, least=1, most=65535)),
            registers=file.flag(keys.get("register"), owner),
            transport=transport,
            username=file.text(keys.get("username"), owner),
            password=self._password(keys.get("password"), owner),
            from_user=file.text(keys.get("from_user"), owner),
            codecs=self._codecs(keys.get("codecs"), owner),
            srtp=self._one_of(keys, "srtp", owner, Srtp.OFF),
            verify_certificate=file.flag(keys.get("verify_certificate"), owner, default=True),
            lines=int(file.number(keys.get("lines"), owner, default=4, least=1, most=1000)),
            calls_per_second=file.number(keys.get("calls_per_second"), owner, default=1, least=0.01, most=1000),
            caller_ids=self._caller_ids(keys.get("caller_ids"), owner),
            ring_timeout_s=file.number(keys.get("ring_timeout_s"), owner, default=30, least=1, most=180),
            label=self._label(keys.get("label"), owner),
            price_per_minute=self._price(keys.get("price_per_minute"), owner),
        )
        self._check_account(keys, entry, owner)
        return trunk

    def _host(self, entry: Entry | None, owner: str) -> str:
        host = self.file.text(entry, owner).strip("[]")
        if entry is not None and host and not _HOST.fullmatch(host):
            self.file.note(entry.line, owner, f"'{host}' is no host", "a name or an address; the port has its own key")
        return host

    def _password(self, entry: Entry | None, owner: str) -> str:
        if entry is None:
            return ""
        if self.file.place(entry.node).line not in self.from_environment:
            self.file.note(
                entry.line,
                owner,
                "a password is written into the file",
                "write ${NAME} and set NAME in the environment",
            )
            return ""
        # Not `file.text`: a password may begin or end with a space, and must appear in no message.
        return str(entry.node.value)

    def _check_account(self, keys: dict[str, Entry], entry: Entry, owner: str) -> None:
        for one, other in (("username", "password"), ("password", "username"), ("register", "username")):
            if one in keys and other not in keys and not (one == "register" and not self._registers(keys)):
                self.file.note(entry.line, owner, f"'{one}' needs a '{other}'", f"add `{other}:`")

    @staticmethod
    def _registers(keys: dict[str, Entry]) -> bool:
        return str(keys["register"].node.value).lower() in ("yes", "true", "on")

    def _codecs(self, entry: Entry | None, owner: str) -> tuple[Codec, ...]:
        codecs = []
        for written in self.file.texts(entry, owner):
            if written.lower() in list(Codec):
                codecs.append(Codec(written.lower()))
            elif entry is not None:
                self.file.note(entry.line, owner, f"unknown codec '{written}'", f"known: {', '.join(sorted(Codec))}")
        return tuple(codecs) or (Codec.PCMA, Codec.PCMU)

    def _caller_ids(self, entry: Entry | None, owner: str) -> tuple[Phone, ...]:
        phones = []
        written_ids = self.file.texts(entry, owner)
        for position, written in enumerate(written_ids, start=1):
            try:
                phones.append(Phone(written))
            except ValueError:
                line = entry.line if entry else 0
                self.file.note(line, owner, f"caller ID {position} is not in E.164", "write it as +74951234567, quoted")
        if entry is not None and not written_ids:
            self.file.note(entry.line, owner, "no caller ID", "name at least one number the company owns")
        return tuple(phones)

    def _label(self, entry: Entry | None, owner: str) -> MassCallLabel | None:
        if entry is None:
            return None
        keys = self.file.entries(entry.node, f"{owner} label", _LABEL)
        self.file.require(keys, _LABEL, entry.line, f"{owner} label")
        values = {key: self.file.text(keys.get(key), f"{owner} label") for key in _LABEL}
        return MassCallLabel(**values)

    def _price(self, entry: Entry | None, owner: str) -> Decimal | None:
        if entry is None:
            return None
        return Decimal(str(self.file.number(entry, owner, default=0, least=0, most=1000)))

    def _one_of(self, keys: dict[str, Entry], key: str, owner: str, default: _Choice) -> _Choice:
        if key not in keys:
            return default
        kind = type(default)
        return self.file.one_of(keys[key], owner, {str(one): one for one in kind}, key) or default
