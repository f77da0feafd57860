"""The network a unit joins: a small TOML file, so that no password stands on a command line.

ssid = "doors"
password = "..."
country = "CN"
"""

import json
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from gateprov.errors import ProvisionError

KEYS = {"ssid", "password", "country"}


@dataclass(frozen=True, slots=True)
class Wifi:
    """A WPA network; both texts as people type them. `country` is two letters (ISO 3166)."""

    ssid: str
    password: str
    country: str

    def connection(self) -> str:
        """A NetworkManager key file."""
        ssid = ";".join(str(byte) for byte in self.ssid.encode()) + ";"
        return (
            "[connection]\nid=kaimen\ntype=wifi\nautoconnect=true\n[wifi]\nmode=infrastructure\n"
            f"ssid={ssid}\n[wifi-security]\nkey-mgmt=wpa-psk\npsk={_escaped(self.password)}\n[ipv4]\nmethod=auto\n"
            "[ipv6]\nmethod=auto\n"
        )

    def netplan(self) -> str:
        """network-config of cloud-init: this network, and a cable if there is one. JSON strings are YAML strings."""
        point = f"{json.dumps(self.ssid)}:\n          password: {json.dumps(self.password)}"
        return (
            "network:\n  version: 2\n  ethernets:\n    eth0:\n      dhcp4: true\n      optional: true\n"
            f"  wifis:\n    wlan0:\n      dhcp4: true\n      regulatory-domain: {json.dumps(self.country)}\n"
            f"      access-points:\n        {point}\n      optional: true\n"
        )


def read(path: Path) -> Wifi:
    """The network in a file; ProvisionError says what to write, never what was written."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise ProvisionError(f"{path}: cannot be read as TOML; write ssid, password and country into it") from wrong
    if set(values) != KEYS or not all(isinstance(value, str) for value in values.values()):
        raise ProvisionError(f"{path}: must have ssid, password and country, each as text, and nothing else")
    if not 1 <= len(values["ssid"].encode()) <= 32:
        raise ProvisionError(f"{path}: ssid must be 1 to 32 bytes long")
    if not re.fullmatch(r"[ -~]{8,63}", values["password"]):
        raise ProvisionError(f"{path}: password must be 8 to 63 printable characters, as WPA demands")
    if not re.fullmatch(r"[A-Z]{2}", values["country"]):
        raise ProvisionError(f'{path}: country must be two capital letters, for instance "CN"')
    return Wifi(values["ssid"], values["password"], values["country"])


def _escaped(text: str) -> str:
    """A value of a key file: backslashes doubled, a leading blank written out."""
    text = text.replace("\\", "\\\\")
    return "\\s" + text[1:] if text.startswith(" ") else text
