"""The sentences of a door with a screen or a voice, complete in both languages; a keypad board does not load them."""

# state -> (zh-CN, English)
TEXT = (
    ("请刷脸，或输入房号", "Look at the camera, or dial a home number"),
    ("房号后按 # 输入密码，或按呼叫键", "Then # and your code, or press Call"),
    ("请输入密码；住户可看镜头", "Type your code; residents look at the camera"),
    ("请看镜头", "Please look at the camera"),
    ("请先输入房号再按 #", "Dial your home number, then #"),
    ("门已开，请进", "The door is open"),
    ("未能开门", "Not opened"),
    ("正在呼叫，请稍候", "Calling, please wait"),
    ("已接通", "Connected"),
    ("无人接听，请稍后再试或联系门岗", "No answer; try later or ask the guard"),
    ("对方未同意开门", "The home did not open"),
    ("本门尚未启用", "This door is not set up yet"),
    ("请注意", "Attention"),
    ("紧急开放，请离开", "Doors are released, please leave"),
)

# reason -> (zh-CN, English): why, and what to do next
WHY = {
    1: ("密码不正确，请核对后重试，或按呼叫键", "Wrong code: check it, or press Call"),
    2: ("密码已过期，请向住户索取新码", "This code has ended: ask the home for a new one"),
    3: ("密码尚未生效，请核对日期和时段", "This code is not valid yet: check its day and hours"),
    4: ("密码已被取消，请联系住户", "This code was taken back: ask the home"),
    5: ("密码使用次数已满，请联系住户", "This code has been used up: ask the home"),
    6: ("输入有误，请重新输入房号和密码", "Mistyped: dial home and code again"),
    7: ("错误次数过多，密码暂停使用，请按呼叫键", "Too many tries: codes rest for a while, press Call"),
    8: ("该房号密码暂停使用，请按呼叫键", "Codes of this home rest for a while: press Call"),
    9: ("门的时钟未校准，密码暂不可用，请按呼叫键", "The door has no sure time: press Call"),
    10: ("未能识别，请输入房号，或按呼叫键", "Not recognised: dial a home number, or press Call"),
    11: ("没有此门的通行权限，请联系前台", "No permission at this door: ask the front desk"),
    12: ("不在允许的时段内，请联系前台", "Outside the permitted hours: ask the front desk"),
    13: ("此方式已停用，请用密码或呼叫键", "This way is switched off: use a code or press Call"),
    14: ("无此房号，请核对", "No such home here: check the number"),
    15: ("密码已在本门取消，请联系住户", "This code was cancelled here: ask the home"),
    16: ("已取消该访客码", "That visitor code is cancelled"),
    17: ("本门不认识此卡，请联系前台，或按呼叫键", "This card is not known here: ask the front desk, or press Call"),
    18: ("此卡已挂失，请交到前台", "This card was reported lost: please take it to the front desk"),
    19: ("此卡已到期，请到前台续期", "This card has ended: renew it at the front desk"),
    20: ("网络中断，无法呼叫，请用密码或联系门岗", "The network is down: use a code or ask the guard"),
    21: ("住户未设置接听，请联系门岗", "Nobody takes calls there: ask the guard"),
    22: ("开门指令无效，请住户重试", "The open order was not valid: ask the home to try again"),
    23: ("门未关好，请关门", "The door is open too long: please close it"),
    24: ("门被强行打开", "The door was forced"),
    25: ("存储故障，门照常使用，请通知物业", "Storage fault; the door still works: tell the office"),
    26: ("请输入房号后按 #，再看镜头", "Dial your home number and #, then look again"),
    27: ("未能确认是真人，请输入房号和密码，或按呼叫键", "Not sure you are here in person: use a code, or press Call"),
    28: ("镜头故障，请用密码或呼叫键", "The camera has a fault: use a code or press Call"),
    29: ("请稍候几秒，再刷一次卡", "Wait a few seconds, then hold your card again"),
    30: ("请靠近一些", "Come a little closer"),
    31: ("请一次一人", "One person at a time, please"),
    32: ("请正对镜头", "Please face the camera"),
    33: ("光线太暗", "Too dark here"),
    34: ("请稍微移动", "Please move a little"),
    35: ("请摘下口罩或墨镜，或使用密码", "Uncover your face, or use a code"),
    36: ("尝试次数过多，请用密码或呼叫键", "Too many tries: use a code or press Call"),
    50: ("请把头转向您的左边", "Turn your head to your left"),
    51: ("请把头转向您的右边", "Turn your head to your right"),
    52: ("请看镜头，眨一下眼", "Look at the camera and blink"),
    53: ("光线太亮，请避开直射光", "Too bright here: step out of the direct light"),
    54: ("逆光，请换个方向再看镜头", "The light is behind you: move a little, then look again"),
    55: ("请看镜头，张一下嘴", "Look at the camera and open your mouth"),
}


def text(state: int, reason: int, language: int) -> str:
    """The sentence for a state and reason; `language` 0 = zh-CN, 1 = English."""
    why = WHY.get(reason)
    return (TEXT[state] if why is None else why)[language]
