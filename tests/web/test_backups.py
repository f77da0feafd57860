"""The admin's page of backups: what is wrong stands on the first page, and the way out on the page it leads to."""

from tests.host.safe import Safe

from gatehost.service.safekeeping import backup, restore
from gatehost.service.safekeeping.backup import Machine
from gatehost.store.store import sqlite_url

from .conftest import Open
from .house import House


async def test_what_is_wrong_with_the_backups_is_on_the_admin_s_first_page_until_it_is_mended(
    house: House, browse: Open
) -> None:
    admin, desk, chinese = await browse("admin"), await browse("desk"), await browse("admin", "zh-CN")
    folder = house.ctx.shelf.folder.parent
    safe = Safe(folder.parent / "safe")
    safe.key.parent.mkdir()
    assert 'href="/admin/backups"' in (await admin.get("/today"))[1]
    assert "/admin/backups" not in (await desk.get("/today"))[1]
    assert "No backup can be made yet" in (await admin.get("/admin/backups"))[1]
    object.__setattr__(house.ctx, "second", safe.second)
    backup.make_key(folder, safe.key)
    assert "还没有备份过" in (await chinese.get("/today"))[1]
    machine = Machine(folder, sqlite_url(folder / "kaimen.db"))
    told = await backup.make(machine, safe.first, safe.second, 14, house.times["at"])
    restore.note(safe.first, told, backup.read_key(safe.key), house.times["at"], folder)
    assert 'href="/admin/backups"' not in (await admin.get("/today"))[1]
    _, text = await admin.get("/admin/backups")
    assert "All is as it should be." in text
    assert "homes: 2, " in text
    house.later(3 * 86_400_000)
    admin.have(await house.session("admin"))  # the session of three days ago is over
    assert "The last backup is too old" in (await admin.get("/today"))[1]
