"""Ten deaths by kill -9, of unit and host, within every phase and between; `make bench` plays two hundred."""

from pathlib import Path

from tests.bench import kill
from tests.ports import free_ports

SEED = 20_781


async def test_nothing_acknowledged_is_lost_or_doubled_by_kill_9(tmp_path: Path) -> None:
    figures = await kill.run(10, SEED, tmp_path, port=free_ports(6))
    print(figures)
    assert sum(figures["died in"].values()) == 10
    assert set(kill.PHASES) <= set(figures["died in"])
    assert figures["openings"] > 20
    assert figures["highest receipt"] > 0
    assert (figures["lost"], figures["doubled"], figures["promised though late"]) == (0, 0, 0)


def test_a_lost_entry_an_altered_one_and_a_missing_receipt_are_counted() -> None:
    from gatecore.clock import Now
    from gatecore.log import Chain
    from gatecore.records import ACCESS

    chain, entries, opened = Chain(b"d" * 16, bytes(32)), [], {}
    for n in range(3):
        entries.append(chain.next(Now(1, n, None, 0), ACCESS, [0, 1, 2, 0, 0], None))
        chain.take(entries[-1])
        opened[n + 1] = chain.head.hex()
    assert kill.judge(entries, opened, 3)["lost"] == 0
    assert kill.judge(entries[:2], opened, 3)["lost"] == 2  # the opening and the receipt
    assert kill.judge(entries, {**opened, 2: "00"}, 3)["lost"] == 1
    assert kill.judge([*entries, entries[0]], opened, 3)["doubled"] == 1
