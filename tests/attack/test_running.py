"""An administrator at work in the database of a running host, in short; `make attack` alters every column."""

from pathlib import Path

import pytest
from tests.attack import running
from tests.attack.running import Attack
from tests.host.test_verify import Kept

TURNED = "UPDATE tile SET hashes = CAST(substr(hashes, 33) || substr(hashes, 1, 32) AS BLOB)"
SPOILT = (
    "UPDATE entry SET private = CAST(substr(private, 1, length(private) - 1) || x'5a' AS BLOB) WHERE id >> 40 > 4194304"
)
LOWERED = "UPDATE checkpoint SET generation = 0 WHERE size = (SELECT max(size) FROM checkpoint)"
GONE = "DELETE FROM entry WHERE id >> 40 = 1"
FOLLOWED = "UPDATE entry AS me SET entry = (SELECT entry FROM entry WHERE id = me.id - 1) WHERE id & 63 = 5"
# one of each kind that once went unsaid, or that nothing but one line of the host stands against
CHOSEN = (
    Attack("halves of the host's own", (SPOILT,)),
    Attack("a half of a door's", ("UPDATE entry SET private = NULL WHERE id & 0xffffffffff = 5",)),
    Attack("the log", ("DELETE FROM log",)),
    Attack("its edge", ("UPDATE log SET edge = x''",), restart=True),
    Attack("a tile", (TURNED,)),
    Attack("a tile, restarted", (TURNED,), restart=True),
    Attack("a checkpoint nobody can read", ("UPDATE checkpoint SET note = x'00'",), restart=True),
    Attack("a cosignature", ("UPDATE cosignature SET signature = zeroblob(64)",)),
    Attack("whose cosignature", ("UPDATE OR REPLACE cosignature SET name = 'committee'",)),
    Attack("a device", ("DELETE FROM device WHERE no = 1",)),
    Attack("a certificate", ("UPDATE device SET cert = (SELECT cert FROM device WHERE no = 2)",)),
    Attack("its entries", (GONE,)),
    Attack("its entries and their places", (GONE, "DELETE FROM run WHERE entry >> 40 = 1")),
    Attack("its newest entries", ("DELETE FROM entry WHERE id >> 40 = 1 AND id & 0xffffffffff > 30",), restart=True),
    Attack("two entries", (FOLLOWED,)),
    Attack("the newest checkpoint", ("DELETE FROM checkpoint WHERE size = (SELECT max(size) FROM checkpoint)",)),
    Attack("its generation", (LOWERED,), restart=True),
    Attack("a second seal", ("UPDATE seal SET seal = zeroblob(length(seal))",)),
)  # fmt: skip


async def test_nobody_alters_the_past_of_a_running_host_unseen(tmp_path: Path) -> None:
    async with running.estate(tmp_path / "host") as made:
        count, accepted, noticed = await running.tried(made, [*running.past(), *CHOSEN])
        sampled, also, others = await running.tried(made, list(running.rows(tmp_path / "host" / "kaimen.db", 1))[5::31])
        assert (accepted, also) == ([], [])
        assert (count, sampled) >= (22, 9)
        assert noticed["nothing lost"] + others["nothing lost"] < 12


async def test_what_they_begin_from_is_proof(tmp_path: Path) -> None:
    """Else an attack would be refused for what it has not done; and one that nobody notices is counted."""
    async with running.estate(tmp_path / "host") as made:
        found = await made.suffer(Attack("nothing"))
        assert (found.noticed, found.code, found.wrong) == ([], 0, "")
        made.truth.append((b"an entry that was never stored", None))
        assert "without 1 entries" in (await made.suffer(Attack("nothing"))).wrong


@pytest.mark.parametrize("head", running.HEADS)
async def test_doors_bring_again_what_an_older_database_under_the_host_lacks(tmp_path: Path, head: str) -> None:
    async with running.estate(tmp_path / "host") as made:
        found = await made.suffer(Attack("older", older=head))
        assert found.wrong == ""
        assert any("restored" in one for one in found.noticed)
        assert isinstance(made.older, Kept)
