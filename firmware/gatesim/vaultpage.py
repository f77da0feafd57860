"""What the front desk's page shows of the vault, and what a person at the desk may tell it."""

import asyncio
from typing import Any

from gatecore import feedback, intake
from gateunit import guidance
from gateunit.capture import LEAST, PHOTOS
from gateunit.errors import VaultError
from gateunit.unit import Unit
from gateunit.vault import Vault

ENDED = {intake.CAPTURE_DONE: "done", intake.CAPTURE_TWICE: "twice", intake.CAPTURE_FAILED: "failed"}


class VaultPage:
    """The vault of a unit, if it is one."""

    def __init__(self, unit: Unit) -> None:
        self._unit = unit
        self._sealing: asyncio.Future[None] | None = None

    def view(self) -> dict[str, Any] | None:
        """Questions and the capture under way; None for a unit that is no vault."""
        vault = self._unit.vault
        if vault is None:
            return None
        asked = [
            {"dev": question.dev.hex(), "place": question.place, "digits": question.digits}
            for question in vault.doors.questions()
        ]
        under_way = vault.capturing is not None or vault.step in (intake.CAPTURE_READY, intake.CAPTURE_PHOTO)
        ended = "" if under_way else ENDED.get(vault.step, "")
        return {"questions": asked, "capture": self._capture(), "ended": ended, "checking": under_way}

    def _capture(self) -> dict[str, Any] | None:
        vault = self._unit.vault
        task = None if vault is None else vault.capturing
        if task is None:
            return None
        told = [[guidance.text(feedback.HINT, reason, language) for language in (0, 1)] for reason in task.reasons]
        photos = len(task.photos)
        return {
            "name": task.name, "home": task.home, "photos": photos, "of": PHOTOS, "least": LEAST,
            "hint": told[0] if told else None, "next": told[1] if len(told) > 1 else None,
        }  # fmt: skip

    def act(self, message: dict[str, Any]) -> bool:
        """Confirms or puts off a door, or says that the pictures so far are enough; False if it is none of these."""
        vault = self._unit.vault
        if vault is None:
            return False
        try:
            match message:
                case {"do": "confirm", "dev": str(dev)}:
                    vault.confirm(bytes.fromhex(dev))
                case {"do": "put_off", "dev": str(dev)}:
                    vault.doors.put_off(bytes.fromhex(dev))
                case {"do": "enough"}:
                    return self._enough(vault, few=False)
                case {"do": "few"}:
                    return self._enough(vault, few=True)
                case _:
                    return False
        except (ValueError, VaultError):
            return False
        return True

    def _enough(self, vault: Vault, few: bool) -> bool:
        """Begins to seal the pictures taken so far: three or more, or `few` because nothing better is to be had."""
        taken = 0 if vault.capturing is None else len(vault.capturing.photos)
        if taken < (1 if few else LEAST):
            return False
        self._sealing = asyncio.ensure_future(vault.enough(few))
        return True
