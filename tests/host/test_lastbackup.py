"""How the backups stand on the admin's page: nothing forged, another's or of the future hides that there is none."""

import asyncio
import json
from dataclasses import replace
from pathlib import Path

import pytest
from tests.host.house import DAY, HOUR, House
from tests.host.safe import Safe

from gatehost import safekeeping
from gatehost.keys import Signer, verify
from gatehost.model.account import Actor
from gatehost.model.errors import Denied, StoreError
from gatehost.service.office import policy
from gatehost.service.safekeeping import backup, lastbackup, restore
from gatehost.service.safekeeping.lastbackup import Standing
from gatehost.store import trial
from gatehost.store.trial import FILE, Trial


async def admin(house: House) -> Actor:
    return await house.actor("admin")


async def stands(house: House) -> Standing:
    """What the page shows."""
    return await lastbackup.standing(house.ctx, await admin(house))


def signer(house: House) -> Signer:
    """The estate's own hand."""
    return Signer((house.folder / "keys" / "estate.key").read_bytes())


async def tried(house: House, safe: Safe, *folders: Path) -> list[Path]:
    """The newest backup opened with its key now, and noted."""
    private = backup.read_key(safe.key)
    told = restore.check(safe.first, safe.second, "", "", private).told
    return restore.note(safe.first, told, private, house.clock.now, *folders)


async def test_a_host_without_a_key_a_backup_or_a_trial_says_which_is_missing(house: House, tmp_path: Path) -> None:
    assert (await stands(house)).wrong == ("keyless", "no_second")
    safe = Safe(tmp_path)
    safe.guard(house)
    assert (await stands(house)).wrong == ("none",)
    made = await safe.backup(house)
    held = await stands(house)
    assert (held.wrong, held.made) == (("untried",), made)
    assert await tried(house, safe, house.folder) == [house.folder]
    held = await stands(house)
    assert held.wrong == ()
    assert held.tried == Trial(made.name, made.made, house.clock.now, made.estate)


async def test_an_old_backup_and_an_old_trial_are_told_as_the_rule_says(house: House, safe: Safe) -> None:
    await safe.backup(house)
    await tried(house, safe, house.folder)
    house.clock.now += 2 * DAY
    assert (await stands(house)).wrong == ()
    house.clock.now += 1
    assert (await stands(house)).wrong == ("old",)
    await policy.set_rule(house.ctx, await admin(house), "estate", "backup.days", "7", "物业", "", "小型小区")
    assert (await stands(house)).wrong == ()
    house.clock.now += 30 * DAY
    assert (await stands(house)).wrong == ("old", "tried_long_ago")
    await safe.backup(house)
    assert (await stands(house)).wrong == ("tried_long_ago",)


async def test_a_trial_at_the_backups_place_is_known_after_the_next_backup(house: House, safe: Safe) -> None:
    """Most are tried on another machine, which does not see the host's folder."""
    await safe.backup(house)
    await tried(house, safe, safe.first.folder)
    assert (await stands(house)).tried is None
    house.clock.now += DAY
    await safe.backup(house)
    held = await stands(house)
    assert held.tried is not None
    assert held.tried.at == house.clock.now - DAY
    older = (safe.first.folder / FILE).read_bytes()
    await tried(house, safe, house.folder)
    house.clock.now += DAY
    (safe.first.folder / FILE).write_bytes(older)
    await safe.backup(house)  # an older word does not take the place of a newer one
    held = await stands(house)
    assert held.tried is not None
    assert held.tried.at == house.clock.now - DAY


async def test_a_backup_without_its_key_is_no_trial(house: House, safe: Safe) -> None:
    await safe.backup(house)
    words = ["backup-verify", str(safe.first.folder), "--second", str(safe.second.folder), "--dir", str(house.folder)]
    await asyncio.to_thread(safekeeping.main, words)
    assert not (house.folder / FILE).exists()
    await asyncio.to_thread(safekeeping.main, [*words, "--key", str(safe.key)])
    text = (house.folder / FILE).read_bytes()
    assert trial.read(text, verify).estate == house.ctx.keys.estate.public.hex()
    assert (safe.first.folder / FILE).read_bytes() == text


def altered(text: bytes) -> bytes:
    """A later time, the signature as it was."""
    body, _, signature = text.removesuffix(b"\n").rpartition(b"\n")
    told = json.loads(body)
    told["made"] += 20 * DAY
    if "at" in told:
        told["at"] += 20 * DAY
    return json.dumps(told).encode() + b"\n" + signature + b"\n"


@pytest.mark.parametrize(
    "harm", [altered, lambda _: b"", lambda text: text[:-9], lambda _: b"[]\n00\n", lambda _: b"{"]
)
async def test_a_forged_word_hides_no_old_backup(house: House, safe: Safe, harm) -> None:  # type: ignore[no-untyped-def]
    await safe.backup(house)
    await tried(house, safe, house.folder, safe.first.folder)
    house.clock.now += 40 * DAY
    assert (await stands(house)).wrong == ("old", "tried_long_ago")
    for path in (house.folder / backup.STATUS, house.folder / FILE):
        path.write_bytes(harm(path.read_bytes()))
    held = await stands(house)
    assert (held.made, held.tried, held.wrong) == (None, None, ("strange",))
    (safe.first.folder / FILE).write_bytes(harm((safe.first.folder / FILE).read_bytes()))
    await safe.backup(house)  # spoilt words spoil no backup
    assert (await stands(house)).wrong == ("untried",)


async def test_a_word_in_another_estate_s_hand_counts_for_nothing(house: House, safe: Safe) -> None:
    made = await safe.backup(house)
    stranger = Signer(b"\x07" * 32)
    house.clock.now += 40 * DAY
    forged = replace(made, made=house.clock.now, estate=stranger.public.hex())
    (house.folder / backup.STATUS).write_bytes(forged.to_text(stranger.sign))
    word = Trial(made.name, made.made, house.clock.now, stranger.public.hex())
    for folder in (house.folder, safe.first.folder):
        (folder / FILE).write_bytes(word.to_text(stranger.sign))
    held = await stands(house)
    assert (held.made, held.tried, held.wrong) == (None, None, ("strange",))
    borrowed = replace(word, estate=made.estate)  # our name under their signature
    (house.folder / FILE).write_bytes(borrowed.to_text(stranger.sign))
    assert (await stands(house)).tried is None
    await safe.backup(house)
    assert (await stands(house)).wrong == ("untried",)


async def test_a_word_of_the_future_counts_for_nothing_even_in_the_estate_s_own_hand(house: House, safe: Safe) -> None:
    made = await safe.backup(house)
    sign = signer(house).sign
    for ahead, wrong in ((HOUR, ()), (HOUR + 1, ("future",))):
        (house.folder / backup.STATUS).write_bytes(replace(made, made=house.clock.now + ahead).to_text(sign))
        word = Trial(made.name, house.clock.now + ahead, house.clock.now + ahead, made.estate)
        (house.folder / FILE).write_bytes(word.to_text(sign))
        held = await stands(house)
        assert held.wrong == wrong
        assert (held.tried is None) is bool(wrong)
    before = Trial(made.name, made.made, made.made - 1, made.estate)
    (house.folder / FILE).write_bytes(before.to_text(sign))
    assert (await stands(house)).tried is None  # tried before it was made


@pytest.mark.parametrize(
    "told",
    [
        {"name": 1},
        {"made": "1"},
        {"at": True},
        {"at": 1.5},
        {"estate": "zz"},
        {"estate": 5},
        {"more": 1},
        {"format": "kaimen-trial/2"},
    ],
)
def test_a_word_that_is_none_is_refused_whoever_signed_it(told: dict[str, object]) -> None:
    hand = Signer(b"\x05" * 32)
    right = Trial("2026-06-15T020000Z", 1, 2, hand.public.hex())
    assert trial.read(right.to_text(hand.sign), verify) == right
    body = json.dumps(json.loads(right.to_text(hand.sign).split(b"\n")[0]) | told).encode() + b"\n"
    with pytest.raises(StoreError):
        trial.read(body + hand.sign(b"gate-trial/1\n" + body).hex().encode() + b"\n", verify)


async def test_a_place_that_cannot_be_written_is_said_and_spoils_nothing(
    house: House, safe: Safe, capsys: pytest.CaptureFixture[str]
) -> None:
    await safe.backup(house)
    (safe.first.folder / f"{FILE}.new").mkdir()  # nothing can be written there under this name
    words = ["backup-verify", str(safe.first.folder), "--key", str(safe.key)]
    assert await asyncio.to_thread(safekeeping.main, words) == 0
    said = capsys.readouterr()
    assert "opened with the key" in said.out
    assert "will not tell of this trial" in said.err


@pytest.mark.parametrize("login", ["desk", "limei"])
async def test_only_the_admin_sees_how_the_backups_stand(house: House, login: str) -> None:
    with pytest.raises(Denied):
        await lastbackup.standing(house.ctx, await house.actor(login))
