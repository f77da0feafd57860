"""A quarter of an hour of the witness bench: no honest checkpoint is refused, whatever connections do."""

from pathlib import Path

from tests.bench.witness import LIMIT_S, p95, run


async def test_doors_that_come_and_go_never_refuse_an_honest_log_and_cosign_within_a_minute(tmp_path: Path) -> None:
    world = await run(0.25, 3, tmp_path)
    assert sum(door.refused for door in world.doors) == 0
    assert sum(door.taken for door in world.doors) > 10
    assert p95(world.waits) <= LIMIT_S
