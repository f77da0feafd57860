"""What a capture and a claim slip are told in: short sentences for a unit's own screen, beside the core's feedback."""

from gatecore import intake, wording

# reason -> (zh-CN, English): what is wrong, and what to do
SAYS: dict[int, tuple[str, str]] = {
    intake.NO_FACE: ("没有看到人脸，请站到镜头前", "No face to be seen: step before the camera"),
    intake.CUT_OFF: ("脸没有全部入镜，请站到画面中间", "The face is cut off: step into the middle"),
    intake.BLURRED: ("画面模糊，请稍停一下", "Blurred: hold still for a moment"),
    intake.BRIGHT: ("光线太强，请避开直射光", "Too bright: turn away from the direct light"),
    intake.OTHER_PERSON: ("换了一个人，请原来的人继续", "Another person: only the one who began, please"),
    intake.SAME_POSE: ("与上一张相同，请换个距离、角度或光线", "The same as before: change distance, angle or light"),
    intake.EMPTY_FILE: ("文件是空的，请另选一张", "The file is empty: choose another"),
    intake.NO_PICTURE: ("不是图片，请用 JPEG 照片", "This is no picture: use a JPEG photo"),
    intake.BROKEN_PICTURE: ("图片不完整，请重新传送", "The picture is damaged: send it again"),
    intake.HUGE_PICTURE: ("图片太大，请用不超过12 MB的照片", "The picture is too large: at most 12 MB"),
    intake.TINY_PICTURE: ("图片太小，请用更大的照片", "The picture is too small: use a larger one"),
    intake.MOVING_PICTURE: ("这是动图，请用静止照片", "This picture moves: use a still photo"),
    intake.NO_EYES: ("本机没有可用的镜头，请用前台采集", "This unit has no working camera: use the front desk"),
    intake.STRAIGHT: ("请正对镜头，一臂距离", "Look straight at the camera, an arm's length away"),
    intake.STEP_BACK: ("请后退一步", "Take one step back"),
    intake.OTHER_LIGHT: ("请换个光线：转向窗户或灯", "Other light: turn towards the window or a lamp"),
    intake.GLASSES: ("戴眼镜的请戴上或摘下；不戴的请微笑", "Glasses: put them on or off; without any, smile"),
    intake.TURN_A_LITTLE: ("请把头稍转一点", "Turn your head a little"),
    intake.FEW_PHOTOS: ("照片太少，请再来补拍", "Too few photos: please come again for more"),
    intake.ONE_DISTANCE: ("都是同一距离，远处可能认不出", "All from one distance: from afar it may fail"),
    intake.ONE_LIGHT: ("都是同一光线，夜间可能认不出", "All in one light: at night it may fail"),
    intake.ALIKE: ("请先输入房号再刷脸", "Dial your home number first, then look"),
    intake.WALKED_AWAY: ("人已离开，未保存任何内容", "Nobody is there any more: nothing was kept"),
    intake.VAULT_AWAY: ("前台机未连接，照片封存待送", "The desk's unit is away: the photos wait sealed"),
    intake.NOT_SAVED: ("存储失败，未录入，请联系前台", "Storage failed, nothing enrolled: ask the front desk"),
    intake.SLIP_TYPE: ("请输入采集单上的10位数字，再按 #；按 * 取消", "Type the slip's 10 digits, then #; * cancels"),
    intake.SLIP_WRONG: ("采集单号不对，请核对；或到前台", "No such slip: check the digits, or go to the front desk"),
    intake.SLIP_USED: ("此采集单已用过，请到前台开新单", "This slip is used: the front desk gives a new one"),
    intake.SLIP_ENDED: ("此采集单已过期，请到前台开新单", "This slip has ended: the front desk gives a new one"),
    intake.SLIP_ELSEWHERE: (
        "此采集单用于另一扇门，单上写有门名",
        "For another door: its name is on the slip",
    ),
    intake.SLIP_TRIES: ("错误次数过多，请稍后再试或到前台", "Too many wrong slips: try later, or go to the front desk"),
    intake.SLIP_OFFLINE: ("网络中断，采集单仍有效，请稍后再试", "The network is down; the slip stays good: try later"),
    intake.SLIP_NO_VAULT: ("前台机尚未就绪，请到前台", "The desk's unit is not ready: go to the front desk"),
    intake.SLIP_TAKEN: (
        "拍好了，已封存送往前台，本门不保留",
        "Done: sealed for the desk; this door keeps nothing",
    ),
}


def text(state: int, reason: int, language: int) -> str:
    """The sentence for a state and reason of either table; `language` 0 = zh-CN, 1 = English."""
    said = SAYS.get(reason)
    return wording.text(state, reason, language) if said is None else said[language]
