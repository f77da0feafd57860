"""Signing in: links work once, passwords are throttled, sessions end."""

import asyncio
import os

import pytest
from tests.host.house import HOUR, House

from gatehost.model.errors import BadInput, Denied, NotFound, TooMany
from gatehost.service import tries
from gatehost.service.context import Context
from gatehost.service.home import homes
from gatehost.service.office import accounts, passwords
from gatehost.store import accounts as account_rows

PASSWORD = "correct horse battery"


async def ready(house: House) -> None:
    """The admin has a password."""
    await accounts.set_password(house.ctx, await house.actor("admin"), PASSWORD)


async def test_a_link_signs_in_once_and_for_thirty_minutes(house: House) -> None:
    desk = await house.actor("desk")
    limei = await house.actor("limei")
    token = await accounts.make_link(house.ctx, desk, limei.party)
    assert (await accounts.look_at_link(house.ctx, token)).name == "李梅"
    signed = await accounts.use_link(house.ctx, token)
    assert signed.actor.homes == ("120502",)
    with pytest.raises(NotFound):
        await accounts.use_link(house.ctx, token)
    token = await accounts.make_link(house.ctx, desk, limei.party)
    house.clock.now += accounts.LINK_MS
    with pytest.raises(NotFound):
        await accounts.use_link(house.ctx, token)


async def test_who_came_by_the_desk_s_link_signs_in_later_by_phone_or_by_what_the_page_says(house: House) -> None:
    desk = await house.actor("desk")
    for phone, login in (("138 0000-1234", "13800001234"), ("138 0000-1234", "120502-1"), ("", "120502-2")):
        person = await homes.add_person(house.ctx, desk, "120502", "周新", "family", phone)
        signed = await accounts.use_link(house.ctx, await accounts.make_link(house.ctx, desk, person.id))
        assert await accounts.login_of(house.ctx, signed.actor) == login
        await accounts.set_password(house.ctx, signed.actor, PASSWORD)
        assert (await accounts.sign_in(house.ctx, login, PASSWORD)).actor.party == person.id


async def test_who_forgot_the_password_chooses_another_with_the_desk_s_link(house: House) -> None:
    """As the sign-in page promises; whoever was signed in with the old one is no more."""
    desk, limei = await house.actor("desk"), await house.actor("limei")
    old = await accounts.set_password(house.ctx, limei, PASSWORD)
    signed = await accounts.use_link(house.ctx, await accounts.make_link(house.ctx, desk, limei.party))
    assert await accounts.actor_of(house.ctx, old.token) is None
    with pytest.raises(Denied):
        await accounts.sign_in(house.ctx, "limei", PASSWORD)
    await accounts.set_password(house.ctx, signed.actor, "another long one")
    assert (await accounts.sign_in(house.ctx, "limei", "another long one")).actor.party == limei.party


async def test_two_at_once_cannot_both_use_a_link(house: House) -> None:
    token = await accounts.make_link(house.ctx, await house.actor("desk"), (await house.actor("limei")).party)
    both = await asyncio.gather(*[accounts.use_link(house.ctx, token) for _ in range(5)], return_exceptions=True)
    assert sum(not isinstance(one, NotFound) for one in both) == 1


async def test_a_desk_cannot_make_itself_an_admins_link(house: House) -> None:
    with pytest.raises(Denied):
        await accounts.make_link(house.ctx, await house.actor("desk"), (await house.actor("admin")).party)


async def test_a_right_password_signs_in_and_a_wrong_one_does_not(house: House) -> None:
    await ready(house)
    signed = await accounts.sign_in(house.ctx, "admin", PASSWORD)
    assert (await accounts.actor_of(house.ctx, signed.token)) == signed.actor
    for login, password in (("admin", "wrong password"), ("nobody", PASSWORD), ("desk", ""), ("", "")):
        with pytest.raises(Denied):
            await accounts.sign_in(house.ctx, login, password)


async def test_who_found_a_page_open_cannot_guess_its_password(house: House) -> None:
    await ready(house)
    admin, new = await house.actor("admin"), "another long one"
    for _ in range(tries.FREE_TRIES):
        with pytest.raises(Denied):
            await accounts.set_password(house.ctx, admin, new, "wrong password")
    with pytest.raises(TooMany):
        await accounts.set_password(house.ctx, admin, new, PASSWORD)
    house.clock.now += tries.FIRST_WAIT_MS
    await accounts.set_password(house.ctx, admin, new, PASSWORD)
    assert (await accounts.sign_in(house.ctx, "admin", new)).actor.account == admin.account


@pytest.mark.parametrize("login", ["admin", "nobody"])
async def test_five_wrong_passwords_close_a_login_for_a_while(house: House, login: str) -> None:
    await ready(house)
    for _ in range(5):
        with pytest.raises(Denied):
            await accounts.sign_in(house.ctx, login, "wrong password")
    with pytest.raises(TooMany) as told:
        await accounts.sign_in(house.ctx, login, PASSWORD)
    assert told.value.facts["until"] == house.clock.now + 30_000


async def test_who_knows_a_name_cannot_keep_its_owner_out_of_a_browser_they_used(house: House) -> None:
    await ready(house)
    admin = await accounts.sign_in(house.ctx, "admin", PASSWORD)
    mine = accounts.known_browser(house.ctx, "", admin.actor.account)
    for _ in range(20):
        house.clock.now += tries.LONGEST_WAIT_MS  # as soon as it helps
        with pytest.raises(Denied):
            await accounts.sign_in(house.ctx, "admin", "wrong password")
    assert (await accounts.sign_in(house.ctx, "admin", PASSWORD, mine)).actor == admin.actor
    with pytest.raises(TooMany):  # and gives the others nothing back
        await accounts.sign_in(house.ctx, "admin", PASSWORD)
    for _ in range(tries.FREE_TRIES):  # a browser that was stolen has no more tries than any other
        with pytest.raises(Denied):
            await accounts.sign_in(house.ctx, "admin", "wrong password", mine)
    with pytest.raises(TooMany):
        await accounts.sign_in(house.ctx, "admin", PASSWORD, mine)


async def test_a_browser_s_cookie_counts_for_the_accounts_it_was_made_for_alone(house: House) -> None:
    await ready(house)
    other = accounts.known_browser(house.ctx, "", (await house.actor("desk")).account)
    nonce = other.partition(".")[0]
    forged = ("", other, nonce, f"{nonce}.", f"{nonce}.{'0' * 32}", "\udcff.é", f"{'x' * 32}.y", "." * 5000)
    for _ in range(tries.FREE_TRIES):
        with pytest.raises(Denied):
            await accounts.sign_in(house.ctx, "admin", "wrong password")
    for cookie in forged:
        with pytest.raises(TooMany):
            await accounts.sign_in(house.ctx, "admin", PASSWORD, cookie)
    both = accounts.known_browser(house.ctx, other, (await house.actor("admin")).account)
    assert (await accounts.sign_in(house.ctx, "admin", PASSWORD, both)).actor.role == "admin"
    for number in range(1000, 1020):
        both = accounts.known_browser(house.ctx, both, number)
    assert len(both.split(".")) == 1 + tries.MOST_ACCOUNTS
    assert both.startswith(nonce)


@pytest.mark.parametrize("login", ["admin", "nobody"])
async def test_a_try_asks_the_same_of_the_host_whoever_s_name_it_is(house: House, login: str) -> None:
    """A name nobody has must not be told by the time it takes: nothing is written for either, and one hash is made."""
    await ready(house)
    async with house.ctx.store.write():  # whoever writes waits here
        with pytest.raises(Denied):
            await asyncio.wait_for(accounts.sign_in(house.ctx, login, "wrong password"), 5)


async def test_names_tried_without_end_take_no_memory_without_end(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tries, "MOST_NAMES", 50)
    held = house.ctx.live.tries
    for _ in range(tries.FREE_TRIES):
        held.spend(1, "", "admin", house.clock.now)
    for number in range(500):
        held.spend(tries.NOBODY, "", f"name {number}" * 100, house.clock.now)
    assert (len(held.strangers), held.wrong().keys()) == (50, {1})


async def test_a_link_begins_again_and_an_outsider_does_not_stop_who_is_signed_in(house: House) -> None:
    await ready(house)
    admin = await house.actor("admin")
    for _ in range(tries.FREE_TRIES):
        with pytest.raises(Denied):
            await accounts.sign_in(house.ctx, "admin", "wrong password")
    await accounts.set_password(house.ctx, admin, "another long one", PASSWORD)
    assert (await accounts.sign_in(house.ctx, "admin", "another long one")).actor.account == admin.account


async def test_who_was_let_go_while_the_password_was_looked_at_has_no_session(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ready(house)
    admin, right = await house.actor("admin"), passwords.right

    async def slowly(ctx: Context, kept: str | None, password: str) -> bool:
        found = await right(ctx, kept, password)
        async with ctx.store.write() as tx:
            await account_rows.close(tx, admin.account, ctx.clock())
        return found

    monkeypatch.setattr(passwords, "right", slowly)
    with pytest.raises(Denied):
        await accounts.sign_in(house.ctx, "admin", PASSWORD)


async def test_many_tries_at_once_gain_nothing(house: House) -> None:
    await ready(house)
    tries = [accounts.sign_in(house.ctx, "admin", f"wrong password {n}") for n in range(12)]
    told = await asyncio.gather(*tries, return_exceptions=True)
    assert sum(isinstance(one, TooMany) for one in told) == 12 - 5


async def test_a_session_ends_by_time_and_by_signing_out(house: House) -> None:
    await ready(house)
    signed = await accounts.sign_in(house.ctx, "admin", PASSWORD)
    house.clock.now += 12 * HOUR
    assert await accounts.actor_of(house.ctx, signed.token) is None
    signed = await accounts.sign_in(house.ctx, "admin", PASSWORD)
    await accounts.sign_out(house.ctx, signed.token)
    assert await accounts.actor_of(house.ctx, signed.token) is None
    assert await accounts.actor_of(house.ctx, os.urandom(32).hex()) is None


async def test_a_new_password_ends_the_other_sessions(house: House) -> None:
    await ready(house)
    old = await accounts.sign_in(house.ctx, "admin", PASSWORD)
    with pytest.raises(Denied):
        await accounts.set_password(house.ctx, old.actor, "another long one", "wrong")
    new = await accounts.set_password(house.ctx, old.actor, "another long one", PASSWORD)
    assert await accounts.actor_of(house.ctx, old.token) is None
    assert await accounts.actor_of(house.ctx, new.token) is not None


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "x" * 201, "ababababab"])
async def test_a_poor_password_is_refused(house: House, password: str) -> None:
    with pytest.raises(BadInput):
        await accounts.set_password(house.ctx, await house.actor("admin"), password)


async def test_neither_tokens_nor_passwords_are_in_the_database(house: House) -> None:
    await ready(house)
    signed = await accounts.sign_in(house.ctx, "admin", PASSWORD)
    data = b"".join(path.read_bytes() for path in house.folder.glob("kaimen.db*"))
    assert b"argon2id" in data
    assert signed.token.encode() not in data
    assert bytes.fromhex(signed.token) not in data
    assert PASSWORD.encode() not in data
