"""What a door did, in one line of Chinese and English: for the page's list and the played story's table."""

from gatecore import events, wording
from gatecore import records as r
from gatecore.events import Told

Words = tuple[str, str]

METHOD: dict[int, Words] = {
    r.FACE: ("人脸", "face"),
    r.CODE: ("访客码", "visitor code"),
    r.PIN: ("住户密码", "PIN"),
    r.CARD: ("门卡", "card"),
    r.REMOTE: ("远程开门", "opened from a page"),
    r.FACE_AT_HOME: ("房号加人脸", "home number and face"),
}
PLAIN: dict[int, Words] = {
    r.EXIT: ("出门按钮开门", "Left by the exit button"),
    r.FORCED: ("门被强行打开：已报警", "The leaf was forced: alarm"),
    r.HELD: ("门开得太久：已报警", "The leaf is open too long: alarm"),
    r.STATE: ("收到新的名单和规则", "A new list of rights and rules was taken"),
    r.TAMPER: ("外壳被打开：已报警", "The housing was opened: alarm"),
}


def line(effect: Told) -> Words | None:
    """The sentence for an effect a person would want to know of; None for the others."""
    if isinstance(effect, events.Call):
        return f"正在呼叫 {effect.home}", f"Calling {effect.home}"
    if isinstance(effect, events.Release):
        return ("消防：门已释放", "Fire: released") if effect.on else ("消防结束：门已上锁", "Fire over: locked")
    if not isinstance(effect, events.Log):
        return None
    if effect.typ == r.ACCESS:
        return _access(effect.pub)
    return PLAIN.get(effect.typ)


def _access(pub: list[int]) -> Words:
    _, result, method, reason, _ = pub
    zh, en = METHOD[method]
    if result == r.GRANTED:
        return f"已开门：{zh}", f"Opened: {en}"
    why = wording.WHY.get(reason, ("", ""))
    return f"未开门：{zh}。{why[0]}", f"Refused: {en}. {why[1]}"
