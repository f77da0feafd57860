"""The claim a person carries from the host's page: one slot, one device, and it ends."""

import datetime
import ipaddress
from pathlib import Path
from urllib.parse import urlsplit

from gatecore.enrol import Claim
from gatecore.errors import GateError
from gateprov.errors import ClaimError

LAST = 253_402_300_799  # the end of year 9999: a claim lives seven days
ITSELF = (
    "The claim names {}, which is the unit itself: set device_url in host.toml to the host's address in the doors' "
    "network, and make a new claim; or the unit finds its host only if that runs on it, too."
)
WHERE = "on the host: Doors, the door, Claim as a file"


def read(path: Path, slot: str) -> Claim:
    """The claim in `path`, for `slot`; ClaimError with where to get a good one."""
    try:
        claim: Claim = Claim.from_wire(path.read_bytes())
    except OSError as wrong:
        raise ClaimError(f"{path}: {wrong.strerror}; get a claim {WHERE}") from wrong
    except GateError as wrong:
        raise ClaimError(f"{path}: this is no claim ({wrong.code}); get one {WHERE}") from wrong
    if claim.until > LAST:
        raise ClaimError(f"{path}: this is no claim (until); get one {WHERE}")
    if not claim.url.startswith("https://"):
        raise ClaimError(f"{path}: the claim's address does not begin with https://; set device_url in host.toml")
    if claim.slot != slot:
        raise ClaimError(f"{path}: this claim is for {claim.slot}, not {slot}: change --slot or --claim")
    return claim


def warning(claim: Claim) -> str:
    """What to say of a claim whose address leads back to the unit; "" for any other."""
    host = urlsplit(claim.url).hostname or ""
    try:
        itself = ipaddress.ip_address(host).is_loopback
    except ValueError:
        itself = host == "localhost"
    return ITSELF.format(host) if itself else ""


def check_end(claim: Claim, now: int) -> None:
    """ClaimError unless the claim lets a device in at `now` (s since 1970). A board that is in needs it no more."""
    if now >= claim.until:
        ended = datetime.datetime.fromtimestamp(claim.until, datetime.UTC).strftime("%Y-%m-%d %H:%M UTC")
        raise ClaimError(f"{claim.slot}: this claim ended on {ended}; get a new one {WHERE}, and change --claim")
