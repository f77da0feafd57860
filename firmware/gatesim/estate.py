"""The estate the demo starts with: buildings, homes, residents and rules, as the host's estate file (TOML)."""

from collections.abc import Sequence

from gatesim.people import Resident

GATE, BUILDING_DOOR, DESK = "east-gate", "b12-door", "front-desk"
BUILDING, HOME = "b12", "120502"
RESIDENT, NEIGHBOUR = "resident", "neighbour"  # logins
CARD = 1_234_567  # Resident A's, printed 018,54919

_HEAD = """\
name = "开门花园 Kaimen Garden"
dial_length = 6
utc_offset_minutes = 480

[[building]]
id = "b12"
name = "12号楼"
dial = "12"
floors = 6
per_floor = 2

[[building]]
id = "b13"
name = "13号楼"
dial = "13"
floors = 6
per_floor = 2
"""
_REST = """
[[gate]]
id = "east"
name = "东门"
buildings = [{buildings}]

[[door]]
slot = "east-gate"
at = "east"
name = "东门 East gate"

[[door]]
slot = "b12-door"
at = "{door_at}"
name = "{door_name}"

[[door]]
slot = "front-desk"
at = "estate"
name = "前台 Front desk"
kind = "desk"

[[person]]
name = "住户甲 Resident A"
home = "120502"
login = "resident"
language = "zh_CN"
card = "018,54919"

[[person]]
name = "住户乙 Resident B"
home = "130301"
login = "neighbour"
language = "en"

[[policy]]
place = "east-gate"
key = "face_mode"
value = "free"
decided_by = "业主委员会 Owners' committee"
document = "演示决议一 Demo resolution 1"
why = "大门可直接刷脸；认错陌生人的比例有上限。 Faces are searched freely at the gate, within the promised bound."

[[policy]]
place = "b12-door"
key = "face_mode"
value = "at_home"
decided_by = "业主委员会 Owners' committee"
document = "演示决议一 Demo resolution 1"
why = "单元门先输房号再刷脸。 At the building the home number comes first."

[[policy]]
key = "processor.name"
value = "开门花园物业 Kaimen Garden Office"
decided_by = "业主委员会 Owners' committee"
document = "演示决议一 Demo resolution 1"
why = "同意书须写明处理者。 The consent text names who processes."

[[policy]]
key = "processor.contact"
value = "front desk, 021-5555 0100"
decided_by = "业主委员会 Owners' committee"
document = "演示决议一 Demo resolution 1"
why = "同意书须写明联系方式。 The consent text says how to reach them."
"""


def estate_file(crowd: Sequence[Resident] = ()) -> str:
    """The demo's estate; with a crowd, a building more with a home for each, and the second door is a gate too."""
    if not crowd:
        return _HEAD + _REST.format(buildings='"b12", "b13"', door_at="b12", door_name="12号楼单元门 Building 12")
    homes = ", ".join(f'"{one.home}"' for one in crowd)
    building = f'\n[[building]]\nid = "crowd"\nname = "样本楼 Sample"\ndial = "2"\nhomes = [{homes}]\n'
    second = '\n[[gate]]\nid = "west"\nname = "西门"\nbuildings = ["b12", "b13", "crowd"]\n'
    rest = _REST.format(buildings='"b12", "b13", "crowd"', door_at="west", door_name="西门 West gate")
    people = "".join(_person(number, one) for number, one in enumerate(crowd))
    return _HEAD + building + second + rest + people


def label(number: int) -> str:
    """What the demo calls resident `number` of a crowd: folder names are not put into the database."""
    return f"样本 Sample {number + 1:04d}"


def _person(number: int, one: Resident) -> str:
    return f'\n[[person]]\nname = "{label(number)}"\nhome = "{one.home}"\ncallable = false\n'
