"""What a connection needs of the unit around it."""

from collections.abc import Callable
from dataclasses import dataclass

from gatecore import events
from gatecore.trust import Trust
from gateunit.gatecopy import GateCopy
from gateunit.held import Held
from gateunit.ledger import Ledger
from gateunit.notary import Notary
from gateunit.ports import ChangingSigner, Random
from gateunit.sitting import Sitting
from gateunit.timekeeper import Timekeeper
from gateunit.vault import Vault


@dataclass(slots=True)
class Parts:
    """`vault`, `sitting` and `copy` are None on a unit that has no such thing to do."""

    time: Timekeeper
    trust: Trust
    signer: ChangingSigner
    ledger: Ledger
    held: Held
    random: Random
    post: Callable[[events.Told], None]
    software: str
    notary: Notary
    vault: Vault | None = None
    sitting: Sitting | None = None
    copy: GateCopy | None = None
    greets_next: bool = False  # a host that refused the present key may know the next one already

    def changing(self) -> int | None:
        """The seq of the entry of a key change under way; the entries after it wait until the host has it."""
        change = self.ledger.change
        if change is None or self.signer.next_public() != change[1]:
            return None
        return change[0]
