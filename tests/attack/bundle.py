"""The two verdicts on any bytes: the stand-alone file's and the core's, as the exit codes of docs/protocol.md."""

import io
from functools import lru_cache

import pytest

from gatecore import bundle
from gatecore.bundlelog import Trust
from gatecore.errors import GateError
from gatehost.keys import verify
from gateverify import standalone

HOLDS, ALTERED, UNPROVEN = standalone.HOLDS, standalone.ALTERED, standalone.UNTRUSTED
Judged = tuple[int, str]  # exit code, and the kind of error if there is one


def by_the_file(data: bytes, trust: standalone.Trust | None, fast: bool = True) -> Judged:
    """The stand-alone file's verdict; why it refused, without the place and what is in quotes."""
    report = standalone.Report()
    try:
        standalone.verify(io.BytesIO(data), trust, report, fast)
    except standalone.Refused as refused:
        return ALTERED, str(refused)
    return (UNPROVEN, "unproven") if standalone.against(report) else (HOLDS, "")


def by_the_core(data: bytes, trust: standalone.Trust | None) -> Judged:
    """The core's verdict; the name and code of its error."""
    try:
        found = bundle.check(io.BytesIO(data).read, known, believed(trust))
    except GateError as error:
        return ALTERED, f"{type(error).__name__} {error.code}"
    return (HOLDS, "") if found.proven else (UNPROVEN, "unproven")


def believed(trust: standalone.Trust | None) -> Trust | None:
    """What the stand-alone file read in a trust file, for the core."""
    if trust is None:
        return None
    witnesses = [(one.kind == "outside", name.decode(), one.keys[0]) for name, one in trust.witnesses.items()]
    return Trust(trust.estate, witnesses, trust.need, trust.outside, trust.head)


@lru_cache(1 << 15)
def known(public: bytes, message: bytes, signature: bytes) -> bool:
    """The host's Ed25519; most attacks leave the signatures alone, so verdicts are kept."""
    return verify(public, message, signature)


# the stand-alone file's own Ed25519, asked once in a process for the same bytes
KEPT = {name: lru_cache(1 << 16)(getattr(standalone, name)) for name in ("signed", "sound")}


def keep_verdicts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file asks its own Ed25519 only for what nobody has asked yet."""
    for name, kept in KEPT.items():
        monkeypatch.setattr(standalone, name, kept)
