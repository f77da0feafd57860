"""What is handed over with a door: a label for its case and a sheet of what was tested, as HTML to print.

Both are in Chinese and English and hold nothing secret: no claim, no key, no password.
"""

from dataclasses import dataclass, field
from html import escape
from pathlib import Path

import segno

OK, BY_HAND, FAILED, SKIPPED = "ok", "by hand", "failed", "skipped"
NAMES = {
    "board": ("Board found", "找到门禁板"),
    "copy": ("Program copied, every file verified on the board", "程序已写入并在板上逐一核对"),
    "ask": ("Own key made, host asked", "门禁板自制密钥并向主机申请"),
    "keypad": ("Keypad: every key", "键盘: 全部按键"),
    "relay": ("Lock relay moves and falls back", "门锁继电器吸合并释放"),
    "inputs": ("Door contact, exit, fire, tamper", "门磁、出门按钮、消防、防拆"),
    "clock": ("Battery clock", "电池时钟"),
    "confirm": ("Six digits equal, confirmed by a person", "六位数字一致, 由人确认"),
    "entry": ("Signed log entry, verified by the host", "签名记录, 主机已验证"),
    "start": ("Door started", "门禁已启动"),
}
HAND = (
    ("Exit button opens with the board switched off", "断开门禁板电源, 出门按钮仍能开门"),
    ("Fire panel opens with the board switched off", "断开门禁板电源, 消防信号仍能开门"),
    ("Door opens without supply (fail-safe)", "断电后门可打开(断电开门)"),
    ("Lights, sound and keypad can be used by everybody", "灯光、声音、键盘人人可用"),
)
RESULTS = {
    OK: ("passed", "通过"),
    BY_HAND: ("confirmed by the installer", "安装员确认"),
    FAILED: ("FAILED", "未通过"),
    SKIPPED: ("not tested", "未测试"),
}
STYLE = Path(__file__).with_name("sheet.css")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was tested: `what` is a key of NAMES; seconds from the command to its beginning, and it took."""

    what: str
    result: str
    began: float
    took: float
    detail: str = ""


@dataclass(slots=True)
class Acceptance:
    """A unit that was set up: who it is, and everything that was tested, in order."""

    slot: str
    board: str
    dev: str = ""
    firmware: str = ""
    host: str = ""
    when: str = ""
    tests: list[Finding] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether every test was done, and passed."""
        return {test.what for test in self.tests if test.result in (OK, BY_HAND)} == set(NAMES)

    @property
    def seconds(self) -> float:
        """From the command to the end of the last test."""
        return max((test.began + test.took for test in self.tests), default=0.0)


def page(done: Acceptance) -> str:
    """Label and sheet as one page."""
    style = STYLE.read_text(encoding="utf-8")
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" '
        f'content="width=device-width"><title>{escape(done.slot)} - Kaimen</title><style>{style}</style></head><body>\n'
        f'<p class="screen">Print this page, cut out the label. <span lang="zh-CN">打印本页并剪下标签。</span></p>\n'
        f"{label(done)}\n{_head(done)}\n{_table(done)}\n{_hand()}\n</body></html>\n"
    )


def label(done: Acceptance) -> str:
    """The label for the case: the door, the device's name, a QR code of both."""
    code = segno.make(f"kaimen:{done.slot}/{done.dev}", micro=False, error="m")
    drawn = code.svg_inline(border=1, omitsize=True, svgclass=None, lineclass=None)
    spaced = " ".join(done.dev[at : at + 4] for at in range(0, len(done.dev), 4))
    return (
        f'<section class="label" aria-label="label 标签">{drawn}<div><b>{escape(done.slot)}</b><br>{escape(done.board)}'
        f"<br><code>{spaced}</code></div></section>"
    )


def _head(done: Acceptance) -> str:
    rows = (
        ("Door 门", done.slot), ("Device 设备", done.dev), ("Board 型号", f"{done.board}, {done.firmware}"),
        ("Host 主机", done.host), ("Set up on 安装时间", done.when), ("Time taken 用时", f"{done.seconds:.1f} s"),
    )  # fmt: skip
    lines = "".join(f'<tr><th scope="row">{name}</th><td>{escape(value)}</td></tr>' for name, value in rows)
    return f'<h1>Acceptance sheet <span lang="zh-CN">验收单</span></h1><table>{lines}</table>'


def _table(done: Acceptance) -> str:
    lines = ""
    tested = {test.what: test for test in done.tests}
    for what, (english, chinese) in NAMES.items():
        test = tested.get(what, Finding(what, SKIPPED, 0, 0))
        said, told = RESULTS[test.result]
        detail = f"<br>{escape(test.detail)}" if test.detail else ""
        lines += (
            f'<tr><td>{english}<br><span lang="zh-CN">{chinese}</span></td>'
            f'<td>{said} <span lang="zh-CN">{told}</span>{detail}</td>'
            f"<td>{test.began:.1f} s</td><td>{test.took:.1f} s</td></tr>"
        )
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("What 项目", "Result 结果", "At 时刻", "Took 用时"))
    return f'<h2>Tested <span lang="zh-CN">测试</span></h2><table><tr>{heads}</tr>{lines}</table>'


def _hand() -> str:
    lines = "".join(
        f'<tr><td>{english}<br><span lang="zh-CN">{chinese}</span></td><td><span class="box"></span></td></tr>'
        for english, chinese in HAND
    )
    signed = "".join(f"<p>{name}</p>" for name in ("Installer 安装员", "Estate 物业", "Date 日期"))
    return (
        '<h2>To be tested by hand, and ticked <span lang="zh-CN">人工测试并打勾</span></h2>'
        f'<table>{lines}</table><div class="sign">{signed}</div>'
    )
