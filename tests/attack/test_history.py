"""Honest exports of version 2 hold, in every scope, and the report tells what they show."""

import io
import re
from pathlib import Path

import pytest
from tests.attack.bundle import keep_verdicts
from tests.attack.history import DAWN, History, Parts, Witness, Wrote, access, whole, window
from tests.attack.worlds import lossy, world
from tests.core.estate import ESTATE, Signer

from gateverify import standalone
from gateverify.standalone import Trust

GATE, DESK, NEW_KEY, COMMITTEE, PAPER = (
    Signer(name) for name in ("gate", "desk", "gate, second key", "committee", "p")
)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_verdicts(monkeypatch)


def small() -> History:
    """A gate with a key change and an erasure, a desk that was revoked, a witness outside and the gate as one."""
    made = History()
    gate, desk = made.enrol(Wrote(GATE, "Gate 3")), made.enrol(Wrote(DESK, "前台", "desk", 8))
    made.given("120502")
    made.batch(gate, [(1, [1, 4], None), (10, [0, 1, 1, 0, 0], access(1)), (21, [], None)])
    made.batch(desk, [(10, [0, 1, 3, 0, 0], access(2, "120601", None))])
    made.checkpoint([OUTSIDE])
    made.beacon(gate)
    made.change_key(gate, NEW_KEY)
    made.batch(gate, [(10, [0, 0, 2, 5, 0], access(3, "120502", None)), (10, [1, 1, 3, 0, 1], access(4))])
    made.erase(gate, [2])
    made.revoke(desk)
    made.checkpoint([OUTSIDE, Witness(GATE.key_id.hex(), NEW_KEY, "door")])
    return made


OUTSIDE = Witness("committee", COMMITTEE)
TRUST_TEXT = f"""kaimen-trust 2
estate {ESTATE.public.hex()}
witness outside committee {COMMITTEE.public.hex()}
witness door {GATE.key_id.hex()} {GATE.public.hex()}
need 2
need outside 1
"""


def gate_witness(made: History) -> list[object]:
    gate = made.devices[1]
    return [gate.cert(), [[gate.pairs[seq - 1][0], gate.seals[seq]] for seq in gate.changes]]


def found(parts: Parts, trust: Trust | None, fast: bool = True) -> standalone.Report:
    report = standalone.Report()
    standalone.verify(io.BytesIO(parts.to_wire()), trust, report, fast)
    return report


def test_every_scope_of_an_honest_log_holds() -> None:
    made, trust = small(), standalone.trust_of(TRUST_TEXT.encode())
    certs = [gate_witness(made)]
    scopes = (
        whole(made, "whole", certs),
        whole(made, "public", certs),
        window(made, [(1, 3, 7)], "window", certs),
        window(made, [(1, 2, 3), (1, 6, 7), (2, 1, 1)], "person", certs, {2, 7}),
    )
    for parts in scopes:
        for fast in (True, False):
            report = found(parts, trust, fast)
            assert standalone.against(report) == "", parts.head
            assert report.logs[0].witnessed == len(made.order)


def test_the_report_tells_what_the_log_shows() -> None:
    made = small()
    report = found(whole(made, "whole", [gate_witness(made)]), standalone.trust_of(TRUST_TEXT.encode()))
    host, gate, desk = report.devices
    assert (host.evidence, gate.evidence) == ("B", "A")
    assert (gate.disclosed, gate.erased, gate.missing, gate.withheld) == (2, 1, 0, 0)
    assert (desk.ungranted, gate.ungranted) == (1, 0)
    assert gate.younger == [4, DAWN // 1000 + 86_400]
    assert gate.older == DAWN // 1000 + 86_400
    size = len(made.order)
    assert {(one.kind, one.size) for one in report.logs[0].cosignatures} >= {("outside", size), ("door", size)}
    text = standalone.as_text(report, 0, "")
    assert "1 lawfully erased, 0 MISSING" in text
    assert "Whether an erasure was asked for or due" in text
    assert "newest cosignature: 2026-11-19" in text
    assert "outside “committee”" in text


def test_each_demand_of_the_trust_file_has_its_verdict(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = small()
    export, trust = tmp_path / "export", tmp_path / "trust"
    export.write_bytes(whole(made, "whole", [gate_witness(made)]).to_wire())

    def run(text: str) -> tuple[int, str]:
        trust.write_text(text, encoding="ascii")
        code = standalone.main([str(export), "--trust", str(trust)])
        return code, capsys.readouterr().out

    root, earlier = made.root().hex(), made.root(made.sizes[0]).hex()
    stranger = Signer("nobody here").public.hex()
    assert run(TRUST_TEXT)[0] == 0
    for head in (
        f"head 1 {len(made.order)} {root}",
        f"head 1 {made.sizes[0]} {earlier}",
        f"head 1 7 {made.root(7).hex()}",
    ):
        assert run(TRUST_TEXT + head)[0] == 0
    for head in (f"head 1 {len(made.order) + 1} {root}", f"head 1 7 {root}", f"head 1 0 {root}"):
        assert run(TRUST_TEXT + head)[0] == 1
    assert "the trust file has none of a generation shown here" in run(TRUST_TEXT + f"head 2 7 {root}")[1]
    code, said = run(TRUST_TEXT.replace("need 2", "need 3") + f"witness outside absent {stranger}")
    assert code == 3
    assert "too few witnesses" in said
    assert run(TRUST_TEXT.replace("need 2\nneed outside 1", "need 0"))[0] == 3
    for text in (
        TRUST_TEXT + "need 2\n",
        TRUST_TEXT.replace("need 2\nneed outside 1\n", ""),
        TRUST_TEXT.replace("need 2", "need 3"),
        TRUST_TEXT.replace("need outside 1", "need outside 2"),
        TRUST_TEXT.replace("outside committee", "inside committee"),
        TRUST_TEXT + f"witness outside committee {stranger}",
        TRUST_TEXT + f"witness outside second {COMMITTEE.public.hex()}",
        TRUST_TEXT + "head 1 7\n",
        TRUST_TEXT + f"head 01 7 {root}\n",
        TRUST_TEXT.replace("kaimen-trust 2", "kaimen-trust 1"),
        TRUST_TEXT + "more\n",
    ):
        assert run(text)[0] == 2, text


def test_entries_beyond_the_newest_witness_are_said_to_be() -> None:
    made = small()
    made.batch(1, [(21, [], None)])
    made.checkpoint()
    trust = standalone.trust_of(TRUST_TEXT.encode())
    report = found(whole(made, "whole", [gate_witness(made)]), trust)
    assert report.unwitnessed == 1
    assert "beyond what is witnessed" in standalone.against(report)


def test_a_witness_that_nobody_listed_tells_no_time() -> None:
    """Who holds the estate key enrols a device of his own and lets it say any time: that an old file is of today, or
    that an entry is older than it is."""
    made, false = small(), Signer("enrolled by the administrator")
    device = Wrote(false, "Gate 9", serial=9)
    lying = [Witness(false.key_id.hex(), false, "door", time) for time in (DAWN // 1000 + 10**8, 1)]
    for at, one in zip((0, -1), lying, strict=True):
        made.notes[at] += one.line(made, made.sizes[at])
    parts = whole(made, "whole", [gate_witness(made), [device.cert(), []]])
    report = found(parts, standalone.trust_of(TRUST_TEXT.encode()))
    told = [word for word in report.logs[0].cosignatures if word.kind == "unlisted"]
    assert [word.time for word in told] == [one.time for one in lying]
    gate = report.devices[1]
    assert (gate.younger, gate.older) == ([4, DAWN // 1000 + 86_400], DAWN // 1000 + 86_400)
    text = standalone.as_text(report, 0, "")
    assert "newest cosignature: 2026-11-19" in text
    assert "unlisted “" in text
    # without a trust file anybody's word is one; no verdict rests on it
    assert found(parts, None).devices[1].older == 1


def test_a_log_that_no_listed_witness_cosigned_says_so() -> None:
    text = f"kaimen-trust 2\nestate {ESTATE.public.hex()}\nwitness outside paper {PAPER.public.hex()}\nneed 1\n"
    made = small()
    report = found(whole(made, "whole", [gate_witness(made)]), standalone.trust_of(text.encode()))
    assert "no witness of the trust file cosigned it" in standalone.as_text(report, 3, "")


CHINESE = re.compile("[\u4e00-\u9fff]")


def test_every_line_of_the_report_has_its_chinese() -> None:
    made, trust = small(), standalone.trust_of(TRUST_TEXT.encode())
    reports = [
        found(parts, known)
        for known in (trust, None)
        for parts in (
            whole(made, "whole", [gate_witness(made)]),
            window(made, [(1, 3, 7)], "window", [gate_witness(made)]),
        )
    ]
    for one in (*(world(seed) for seed in range(9)), lossy(8)):
        reports.append(standalone.Report())
        standalone.verify(io.BytesIO(one.data), one.trust, reports[-1])
    wide = standalone.Report(trusted=True, scope="window", demanded=True, unwitnessed=1, restored=1)
    wide.logs.append(standalone.Log(2, 1, "00", 0, [1, 7, "00"]))
    wide.devices.append(
        standalone.Device("x", "door", "00", 1, 1, 1, 1, withheld=1, missing=1, erased=1, gaps=1, ungranted=1)
    )
    wide.devices[0].times = {quality: [1, None, None] for quality in range(5)}
    reports += [wide, standalone.Report(trusted=True, demanded=False)]
    verdicts = [text + why for text in standalone.VERDICT.values() for why in ("", "there is no trust file.")]
    for report in reports:
        said = standalone.as_text(report, 0, "\n".join([*verdicts, standalone.VERDICT[3] + standalone.against(report)]))
        turned = standalone.in_chinese(said).split("\n")
        missing = [line for line, zh in zip(said.split("\n"), turned, strict=True) if not CHINESE.search(zh)]
        assert [line for line in missing if line not in (standalone.VERDICT[3],)] == []
    assert standalone.in_chinese(
        "Altered, dropped, inserted, reordered or forged. First place: section 2: cut short."
    ).endswith("最先出错之处：section 2: cut short.（状态 1）")
