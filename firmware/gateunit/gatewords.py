"""What the guard's page at the unit says, English and Chinese side by side."""

LANGUAGES = {"zh-CN": "中文", "en": "English"}
CHINESE = {
    "Gate": "门岗",
    "Who is inside": "在场清单",
    "Sign in": "登录",
    "Your code": "您的岗位码",
    "The code you were given when you came on duty.": "上岗时系统给您的岗位码。",
    "The code is wrong or has ended.": "岗位码不对，或已过期。",
    "Check it, or ask the next guard.": "请核对，或请同班门岗登录。",
    "Too many wrong codes. Wait {minutes} min.": "输错次数过多，请等 {minutes} 分钟。",
    "This unit has no copy yet.": "本机还没有名单。",
    "Use the paper forms until the host is back.": "主机恢复前请使用纸质登记表。",
    "The host is away. You work from the gate's own copy.": "主机暂时连不上，您正在使用门岗本机名单。",
    "The host is there. What you write reaches it at once.": "主机已连接，登记内容立即送达。",
    "As of {time}.": "名单截至 {time}。",
    "This list is older than 12 hours: nobody on it is certain.": "名单已超过 12 小时，其中人员均需核实。",
    "Not on storage yet: {count}. Also write it on paper.": "有 {count} 条还没有存好，请同时记在纸上。",
    "Waiting for the host: {count}.": "有 {count} 条待主机接收。",
    "Plate, home, name, last four of the phone, slip": "车牌、房号、姓名、手机后四位、放行条号",
    "Search": "查找",
    "Nothing found. Ask who they want to see, and make a new entry.": "没有查到。请问清要找谁，再做新登记。",
    "New entry": "新登记",
    "Home number": "房号",
    "Name (may stay empty)": "姓名（可不填）",
    "Phone (may stay empty)": "电话（可不填）",
    "Plate (may stay empty)": "车牌（可不填）",
    "People": "人数",
    "Who said yes, or why you let them in": "谁同意的，或您放行的理由",
    "Let in": "放行",
    "Leaves": "离开",
    "{name} leaves now": "{name} 现在离开",
    "Let in: {name}": "放行：{name}",
    "Inside now": "目前在场",
    "Expected": "预计到访",
    "Slips": "放行条",
    "Compare every line; sign the paper slip.": "请逐项核对，并在纸质放行条上签字。",
    "from {since} to {until}": "{since} 至 {until}",
    "Nobody is inside as a visitor.": "没有访客在场。",
    "since {time}": "{time} 起",
    "longer than planned": "超时未离开",
    "{certain} certain, {unconfirmed} not confirmed out, {possible} possible": (
        "确定 {certain} 人，未确认离开 {unconfirmed} 人，可能在场 {possible} 人"
    ),
    "inside": "在场",
    "over time, may have left unseen": "已超时，可能已离开",
    "closed, exit not seen": "已结束登记，未见离开",
    "Safe": "平安",
    "{name} is safe": "{name} 平安",
    "safe": "平安",
    "Take back": "撤回",
    "Take back: {name}": "撤回：{name}",
    "Elsewhere in the estate": "小区其他地方",
    "Written down.": "已登记。",
    "This unit could not store it yet.": "本机暂时没能存好。",
    "It is tried again by itself. Write it on paper as well.": "系统会自动重试，请同时记在纸上。",
    "There is no such home behind this gate.": "本门后面没有这个房号。",
    "Please say who agreed, or why you let them in.": "请写明谁同意的，或放行理由。",
    "At most 60 characters.": "最多 60 个字。",
    "From 1 to 500.": "1 至 500。",
    "Only digits, + and -.": "只能填数字、+ 和 -。",
    "That has changed meanwhile. Look at the list.": "情况已有变化，请看名单。",
    "This form is too old. Look at the list and do it again.": "表单已失效，请看名单后重做。",
    "This form did not arrive whole. Do it again.": "表单没有完整送达，请重做。",
    "There is no such page.": "没有这个页面。",
    "Back": "返回",
    "Print": "打印",
    "Sign out": "退出",
    "To the content": "跳到内容",
    "Visitors come in with somebody of the home": "访客须由住户陪同进入",
    "Wait until the home is at the gate, or decide yourself and write why.": (
        "请等住户到门岗，或自行酌情放行并写明理由。"
    ),
    "Who answers for them?": "由谁确认？",
    "The home said yes": "住户已同意",
    "On the phone or at the gate.": "电话中或当面。",
    "Somebody of the home is here": "本户有人在场",
    "They go in together.": "一同进入。",
    "By my discretion": "由我酌情放行",
    "With a reason that stays in the log.": "理由会保留在记录中。",
    "Reason for discretion": "酌情放行的理由",
    "Please write a reason": "请填写理由",
    "The home is here: let in": "住户已到：放行",
    "the home, at the gate": "住户本人到门岗",
    "Courier": "快递/外卖",
    "Visitor": "访客",
    "Worker": "施工/维修",
    "Home help": "家政",
    "Vehicle": "车辆",
    "Official": "公务",
    "time unknown": "时间不明",
    "Only what the gate needs is on this page: nothing older than now.": "本页只有门岗当前需要的内容，没有历史记录。",
}
KINDS = {
    "courier": "Courier",
    "visitor": "Visitor",
    "contractor": "Worker",
    "home_help": "Home help",
    "vehicle": "Vehicle",
    "official": "Official",
}
# the words of the host's own page (docs/adr/0118)
ESCORT = (
    "Visitors come in with somebody of the home",
    "Wait until the home is at the gate, or decide yourself and write why.",
)
AT_THE_GATE = "the home, at the gate"
HOWS = {
    "home": ("The home said yes", "On the phone or at the gate."),
    "fetched": ("Somebody of the home is here", "They go in together."),
    "discretion": ("By my discretion", "With a reason that stays in the log."),
}
CERTAINTY = {
    "certain": "inside",
    "unconfirmed": "over time, may have left unseen",
    "possible": "closed, exit not seen",
}


def say(language: str, text: str, **facts: object) -> str:
    """A text in the reader's language, with its facts put in."""
    return (CHINESE[text] if language == "zh-CN" else text).format(**facts)


def wanted(header: str, chosen: str) -> str:
    """The language somebody chose before, else the first of ours their browser names, else Chinese."""
    if chosen in LANGUAGES:
        return chosen
    for part in header.lower().split(","):
        word = part.split(";")[0].strip()
        if word.startswith("zh"):
            return "zh-CN"
        if word.startswith("en"):
            return "en"
    return "zh-CN"
