"""A device comes in by a claim, six equal digits and a person, and by nothing else."""

import os

import pytest
from tests.host.device import Played
from tests.host.house import DAY, HOUR, House

from gatecore.enrol import Claim, Enrol
from gatehost.model.errors import BadInput, Denied, NotFound, Refused
from gatehost.service.door import devices


async def test_a_device_waits_until_a_person_has_compared_the_digits(house: House) -> None:
    device = Played(await house.claim("b12-door"))
    admin = await house.actor("admin")
    assert (await device.post("enrol", device.asked.to_wire()))[0] == 202
    assert await device.fetch_answer() == 202
    (waiting,) = await devices.waiting(house.ctx, admin)
    assert (waiting.digits, waiting.slot) == (device.digits, "b12-door")
    await devices.confirm(house.ctx, admin, waiting.dev, f"{device.digits[:3]} {device.digits[3:]}")
    assert await device.fetch_answer() == 200
    assert device.trust.keys is not None


async def test_other_digits_let_nobody_in(house: House) -> None:
    device = Played(await house.claim("b12-door"))
    await device.post("enrol", device.asked.to_wire())
    wrong = f"{(int(device.digits) + 1) % 1_000_000:06}"
    with pytest.raises(BadInput):
        await devices.confirm(house.ctx, await house.actor("admin"), device.name, wrong)
    assert await device.fetch_answer() == 202


@pytest.mark.parametrize("login", ["desk", "limei"])
async def test_only_an_admin_confirms_a_device(house: House, login: str) -> None:
    device = Played(await house.claim("b12-door"))
    await device.post("enrol", device.asked.to_wire())
    with pytest.raises(Denied):
        await devices.confirm(house.ctx, await house.actor(login), device.name, device.digits)


async def test_a_wrong_token_is_refused_and_leaves_the_claim_good(house: House) -> None:
    claim: Claim = Claim.from_wire(await house.claim("b12-door"))
    forged = Claim(claim.url, claim.authority, claim.estate, claim.slot, os.urandom(16), claim.until)
    thief, device = Played(forged.to_wire()), Played(claim.to_wire())
    assert await thief.post("enrol", thief.asked.to_wire()) == (403, b"claim")
    assert (await device.post("enrol", device.asked.to_wire()))[0] == 202


async def test_a_claim_for_another_slot_does_not_open_this_one(house: House) -> None:
    claim: Claim = Claim.from_wire(await house.claim("b12-door"))
    other = Claim(claim.url, claim.authority, claim.estate, "gate-1-in", claim.token, claim.until)
    thief = Played(other.to_wire())
    assert await thief.post("enrol", thief.asked.to_wire()) == (403, b"claim")


@pytest.mark.parametrize(("qr", "good_for"), [(True, HOUR // 2), (False, 7 * DAY)])
async def test_a_claim_ends(house: House, qr: bool, good_for: int) -> None:
    made = await devices.make_claim(house.ctx, await house.actor("admin"), "b12-door", qr)
    device = Played(made.data)
    house.clock.now += good_for
    assert await device.post("enrol", device.asked.to_wire()) == (403, b"ended")
    house.clock.now -= 1
    assert (await device.post("enrol", device.asked.to_wire()))[0] == 202


async def test_a_claim_is_good_once_for_one_key(house: House) -> None:
    claim = await house.claim("b12-door")
    first, second = Played(claim), Played(claim)
    assert (await first.post("enrol", first.asked.to_wire()))[0] == 202
    assert await second.post("enrol", second.asked.to_wire()) == (403, b"used")
    assert (await first.post("enrol", first.asked.to_wire()))[0] == 202
    assert (await second.post("enrolled", second.asked.to_wire()))[0] == 403


async def test_a_request_altered_in_any_byte_is_refused(house: House) -> None:
    device = Played(await house.claim("b12-door"))
    body = device.asked.to_wire()
    for at in range(0, len(body), 3):
        altered = body[:at] + bytes((body[at] ^ 1,)) + body[at + 1 :]
        assert (await device.post("enrol", altered))[0] == 403, at
    assert (await device.post("enrol", b""))[0] == 403
    assert (await device.post("enrol", body))[0] == 202


async def test_a_key_of_small_order_is_refused(house: House) -> None:
    device = Played(await house.claim("b12-door"))
    weak = b"\x01" + bytes(31)
    asked = Enrol(weak, None, "b12-door", os.urandom(16), "m", bytes(32))
    from gatecore.sign import hmac_sha256

    asked = Enrol(weak, None, "b12-door", asked.nonce, "m", hmac_sha256(device.claim.token, asked.to_wire()))
    assert await device.post("enrol", asked.to_wire()) == (403, b"key")


async def test_a_refused_device_stays_out(house: House) -> None:
    device = Played(await house.claim("b12-door"))
    admin = await house.actor("admin")
    await device.post("enrol", device.asked.to_wire())
    await devices.refuse(house.ctx, admin, device.name)
    assert await device.fetch_answer() == 403
    with pytest.raises(NotFound):
        await devices.confirm(house.ctx, admin, device.name, device.digits)


async def test_a_filled_slot_gives_no_claim_until_its_device_is_revoked(house: House) -> None:
    device = await house.enrolled("b12-door")
    admin = await house.actor("admin")
    with pytest.raises(Refused, match="slot_taken"):
        await devices.make_claim(house.ctx, admin, "b12-door")
    await devices.revoke(house.ctx, admin, device.name, "stolen")
    assert (await devices.make_claim(house.ctx, admin, "b12-door")).slot == "b12-door"
