"""Witnesses outside the estate, with their own program: asked, answering, and believed by the stand-alone file."""

import io
import os

import pytest
from tests.host.house import START, House
from tests.host.test_export import exported
from tests.host.test_verify import delivered

from gatehost.model.errors import BadInput, Denied
from gatehost.service.evidence import witness
from gatehost.service.evidence.export import Wanted
from gateverify import standalone
from gateverify import witness as own

NOW = START // 1000


async def committee(house: House) -> own.Kept:
    """A witness whose key only the test has."""
    made = own.Kept("committee", os.urandom(32))
    await witness.add(house.ctx, await house.actor("admin"), made.name, own.public_of(made.secret).hex())
    return made


async def cosigned(house: House, made: own.Kept) -> own.Kept:
    """It judges what the page offers and brings its line back."""
    admin = await house.actor("admin")
    after, note = own.judge(made, house.ctx.keys.estate.public, await witness.request(house.ctx, admin, made.name))
    line = own.cosignature(after, note, NOW).decode()
    assert await witness.answer(house.ctx, admin, line) == after.size
    return after


async def judged(house: House, trust: str) -> str:
    report = standalone.Report()
    standalone.verify(io.BytesIO(await exported(house, Wanted())), standalone.trust_of(trust.encode()), report)
    return standalone.against(report)


async def test_an_outside_witness_makes_an_export_proof(house: House) -> None:
    made = await committee(house)
    await cosigned(house, made)
    trust = await witness.trust_file(house.ctx, await house.actor("admin"))
    assert f"witness outside committee {own.public_of(made.secret).hex()}" in trust
    assert trust.endswith("need 1\nneed outside 1\n")
    assert "beyond what is witnessed" in await judged(house, trust)  # the export's own entry is newer than the witness


async def test_a_witness_goes_on_from_what_it_saw(house: House) -> None:
    made = await cosigned(house, await committee(house))
    await delivered(house)
    after = await cosigned(house, made)
    assert after.size > made.size
    with pytest.raises(standalone.Refused):
        own.judge(
            made,
            house.ctx.keys.estate.public,
            await witness.request(house.ctx, await house.actor("admin"), "committee"),
        )


async def test_no_other_line_is_kept(house: House) -> None:
    made, admin = await committee(house), await house.actor("admin")
    after, note = own.judge(made, house.ctx.keys.estate.public, await witness.request(house.ctx, admin, made.name))
    line = own.cosignature(after, note, NOW).decode()
    stranger = own.cosignature(own.Kept("committee", os.urandom(32)), note, NOW).decode()
    for wrong in (
        "",
        "x",
        stranger,
        line[:-9] + "AAAA" + line[-5:],
        line + line,
        line.replace("committee", "other"),
        "\ud800",
    ):
        with pytest.raises(BadInput):
            await witness.answer(house.ctx, admin, wrong)
    await delivered(house)
    await witness.request(house.ctx, admin, made.name)
    with pytest.raises(BadInput):  # of an older checkpoint: ask again
        await witness.answer(house.ctx, admin, line)


async def test_a_printed_head_is_known_again(house: House) -> None:
    head = await witness.first_head(house.ctx)
    await delivered(house)
    newest = await witness.newest_head(house.ctx)
    for one in (head, newest):
        assert await witness.same(house.ctx, f"  {one.line.upper().replace('HEAD', 'head')} ")
    assert not await witness.same(house.ctx, f"head 1 {head.size} {bytes(32).hex()}")
    assert not await witness.same(house.ctx, f"head 7 {head.size} {head.root.hex()}")
    for wrong in ("", "head 1 2", f"head one 2 {head.root.hex()}", f"head 1 2 {head.root.hex()}0"):
        with pytest.raises(BadInput):
            await witness.same(house.ctx, wrong)


async def test_only_the_admin_keeps_witnesses(house: House) -> None:
    with pytest.raises(Denied):
        await witness.add(house.ctx, await house.actor("desk"), "committee", "00" * 32)
    admin, key = await house.actor("admin"), own.public_of(os.urandom(32)).hex()
    await witness.add(house.ctx, admin, "committee", key)
    for name, public in (
        ("a b", key),
        ("", key),
        ("other", "00" * 32),
        ("other", "zz"),
        ("other", key),
        ("committee", key),
    ):
        with pytest.raises(BadInput):
            await witness.add(house.ctx, admin, name, public)
