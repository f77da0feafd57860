"""The curve of Ed25519 (RFC 8032 section 5.1): adding and multiplying points in small steps.

Whatever takes long is a generator that yields between steps and returns its result. A step is at most about 30
multiplications mod p, which is 6 ms at 125 million instructions a second on a Cortex-M0+.

Points are extended Edwards coordinates (Hisil, Wong, Carter, Dawson 2008) whose product T is kept as its two factors:
(X, Y, Z, E, H) with x = X/Z, y = Y/Z, x*y = E*H/Z. So a doubling, which has no use for T, never pays for it.
A multiplication is a signed comb of 4 teeth, 64 bits apart: 64 doublings and 64 additions whatever the scalar is.
A fifth tooth would save an eighth of the time and cost twice the memory, of the stored table and of each key's.
"""

from gatecore.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator

    Point = tuple[int, int, int, int, int]
    Addend = tuple[int, int, int, int]  # (Y + X, Y - X, 2dT, 2Z)


def _ones(bits: int) -> int:
    """2 ** bits - 1. Written out, each such number would be 77 digits of program."""
    return (1 << bits) - 1


_P = _ones(255) - 18
ORDER = _ones(252) + 1 + 27742317777372353535851937790883648493
_D = 0x52036CEE2B6FFE738CC740797779E89800700A4D4141D8AB75EB4DCA135978A3
_ROOT_OF_MINUS_ONE = 0x2B8324804FC1DF0B2B4D00993DFBD7A72F431806AD2FE478C4EE1B274A0EA0B0
_Y_OF_ORDER_8 = 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826
_Y_OF_SMALL_ORDER = (0, 1, _P - 1, _Y_OF_ORDER_8, _P - _Y_OF_ORDER_8)

_NEUTRAL = (0, 1, 1, 0, 1)
_TEETH = 4
_SPACING = 64
_LAST = (1 << (_TEETH - 1)) - 1  # place of a table's last entry
_ALL_ONES = _ones(_TEETH * _SPACING)
_Y_BITS = _ones(255)

# (squarings, which earlier power to multiply by): from z to z ** (2 ** 252 - 3).
_CHAIN = ((1, 0), (2, 1), (1, 0), (5, 3), (10, 4), (20, 5), (10, 4), (50, 7), (100, 8), (50, 7), (2, 0))
_SQUARINGS_A_STEP = 24

# What `table_of` gives for the base point, with Z = 1: 8 times y + x, y - x, 2dxy, 32 bytes each, little-endian.
_BASE = (
    b"\x3e\x38\x73\x24\xc8\xa2\xb0\x4b\x54\x48\x9a\xd3\x1c\xd9\x93\x8b\x51\x8b\x45\xaa\xee\xc2\x83\x64"
    b"\x27\x68\x08\x48\x46\x94\xce\x4b\xad\xd0\x88\xdb\x13\xa8\xe2\xe3\xc1\x4d\xb1\x5b\x3d\xb1\x40\x6f"
    b"\xd2\x2b\x1e\x55\x25\x54\x71\xc6\x6d\x39\x64\xc4\xae\xb7\x05\x40\x1c\x79\xec\x5b\x82\xe1\x80\xcc"
    b"\x25\x76\x6d\xaf\xd0\xa9\xb4\xe0\x98\x2e\xbb\x2f\x7d\x35\x4d\x61\xda\x43\xa6\x63\x76\xbb\x77\x1c"
    b"\xe7\x68\x3e\xae\x59\xb5\xd2\x16\xbd\xac\x47\x58\x73\x62\xc5\x6f\x75\x08\x29\x96\x54\x1f\x89\xb9"
    b"\x66\x8a\xf3\x6f\xcf\xfd\xa8\x43\xb0\x34\x71\x9d\x75\xd2\xde\xe9\x0d\x0a\x7b\x54\x93\xb5\xbc\xe7"
    b"\xfb\x44\x73\x02\xf0\x65\xbc\x5e\xa7\x80\xbc\x89\x8f\x35\x4f\x66\xb4\xeb\x15\x67\x64\x39\xd4\x3d"
    b"\xf1\xa3\xe4\x3b\xf1\x92\x4d\x11\x59\xc1\xd4\x57\x67\x8b\x43\xe1\x85\x6c\xef\x7c\x9c\x7c\xb5\x51"
    b"\x81\x47\x04\xac\x05\x3e\x14\x99\x52\x86\x72\xc6\xa6\xfd\x80\x55\xd2\xbc\x15\x0c\xd9\x84\xf4\x3e"
    b"\x57\x26\xce\x48\x1e\x9c\x9d\x1d\xc9\xd5\x0d\x5a\x65\x1b\x33\x1f\xd3\x2b\x86\xc9\x61\x5f\x54\x0b"
    b"\x33\x78\x73\x15\xb3\x89\x97\x39\x5c\xd4\x43\x77\x90\x73\x50\x13\xab\x1e\xad\xf5\x2f\x86\xe0\x13"
    b"\x7a\xd1\x71\x90\xb9\x63\xfa\xfe\xeb\x8c\x82\xf3\x93\x66\x37\xd8\x5a\x05\x5d\x4a\xb1\xe7\x56\x0a"
    b"\x9c\x8c\x5f\x25\x6a\xce\xcf\xad\xee\x88\x44\xc9\x41\x77\xd8\x8b\xfd\x5b\x44\x04\xd4\x94\x3a\x09"
    b"\x8a\x14\xe9\xfc\xf3\x11\x25\x7b\x3e\x5b\x23\xbf\xf7\x46\x42\x12\xcb\x7d\xd8\x1e\x54\x6e\x7e\xe8"
    b"\x92\x55\x38\xc1\x34\xec\x52\x78\x13\x5f\x42\x65\x88\x5a\x18\x7c\xef\xaf\xd9\x9e\x8e\x81\x4f\x97"
    b"\x19\x7c\x06\x6b\x01\x39\x33\x03\xa5\xf0\x65\xa1\xdd\x9a\x7c\x44\xb5\x57\x18\x14\xa0\x04\x64\x59"
    b"\x8d\x0c\xbf\xd8\x1f\x1b\x89\xf7\xc9\xae\x0b\x9f\x8b\x27\x52\xb3\x33\xe2\xcd\xac\x39\x17\x26\x08"
    b"\x5c\xc8\xd9\xf2\x54\x87\x68\x6e\x2d\x4a\x94\x84\x91\x8f\x63\x82\x04\x30\x82\x97\xad\xae\x54\x61"
    b"\xee\xac\xc0\x2f\xdf\x49\xa3\x78\xc0\x59\xe0\x47\xa4\xdd\xaa\x11\xb9\xcf\x54\xf2\xd9\x33\x63\xa3"
    b"\xda\xc3\xef\x0d\x54\x3c\xf8\xbe\xa2\xca\x6f\xf5\xc3\xf8\x96\x8e\xbb\xad\x77\x4b\x23\xb2\xcc\x42"
    b"\x33\xd9\xfd\x77\x68\xfd\xd2\xcc\x42\x9e\x75\x43\xfe\x6e\x77\x82\x74\xc3\x97\xe4\x9f\xf4\xc4\xde"
    b"\x1a\x8c\x24\x48\x57\x69\x44\x5e\xab\x71\x9a\x2f\xc4\x80\xf8\x63\x3a\x06\x02\x91\xb0\x91\x0b\x45"
    b"\xd1\x1b\x29\xd4\x82\x7c\xe9\x46\x6e\xfb\xa8\xf8\xb3\xfe\xd2\x43\xfe\x1f\x09\x97\x74\x16\xbd\x28"
    b"\x08\xa7\x4b\x9d\xd0\x95\x29\x70\x94\xed\x00\x5f\x1a\xd3\x37\xfb\xbc\x12\x14\x9f\xef\xfb\x4e\x15"
    b"\xa2\x53\x60\x15\xc8\x2e\x7b\x05\x29\x91\xfd\xf2\x26\xb4\xac\x0d\xd5\xdd\x10\xbd\x20\x8d\x0d\xe3"
    b"\x2e\xb3\x9b\x07\x9d\x96\xb7\x27\x9d\x11\x1a\x27\xb0\x74\x7e\x08\x42\x1f\x0e\x0b\x27\xe0\xc0\x67"
    b"\x8f\x64\x2b\x0d\x9d\x83\xdc\xee\x8b\x8a\x9c\xfb\x96\xa0\xe6\x6a\x81\x82\x8d\x90\x5a\x3e\x24\xa7"
    b"\xd1\x8c\x51\x8f\xda\x8c\xe1\x72\xac\xdc\x8d\x1f\x3b\xe8\xe3\xf2\x3c\x7b\x8f\xbd\xba\x3d\xd1\x70"
    b"\x42\xb8\xfb\x47\x67\xeb\x7e\x13\x8b\x1a\x81\x60\x75\x5c\xdf\x79\x9a\xc8\xf8\x71\x6f\xa7\x2b\x5a"
    b"\xc2\xff\xc8\x3b\x56\x2a\x95\x09\x3c\xf8\x7e\xdc\x4b\xcb\xa8\xa2\x26\xc2\x93\x5f\xfa\xc6\xb5\x96"
    b"\xa5\xe3\x64\x06\x1b\xeb\xeb\xd4\x2f\xcf\xc6\xe5\xdc\x4a\x9b\x40\xc4\x50\x43\x83\xb9\x3d\xd5\x44"
    b"\xb4\x05\xf5\xa5\x05\x93\x29\x89\x2f\xff\x49\x59\xa2\xfa\x22\xfb\x64\x7d\x65\x04\xa7\x68\xb9\x69"
)


def digits_of(odd: int) -> int:
    """The bits that stand for the digits of `odd`: bit i set means + 2 ** i, clear means - 2 ** i."""
    return (odd + _ALL_ONES) >> 1


def digits_in_group(scalar: int) -> int:
    """The same for a scalar below the group order that multiplies a point of that order: even ones are made odd."""
    return digits_of(scalar + (1 - (scalar & 1)) * ORDER)


def double(point: "Point") -> "Point":
    """2 * point: four squarings and three multiplications (dbl-2008-hwcd)."""
    x, y, z, _, _ = point
    a = x * x % _P
    b = y * y % _P
    h = a + b
    e = h - (x + y) * (x + y) % _P
    g = a - b
    f = 2 * z * z % _P + g
    return e * f % _P, g * h % _P, f * g % _P, e, h


def add(point: "Point", addend: "Addend") -> "Point":
    """point + addend, for all points alike (add-2008-hwcd-3)."""
    x, y, z, e, h = point
    sum2, difference2, product2, z2 = addend
    a = (y - x) * difference2 % _P
    b = (y + x) * sum2 % _P
    c = e * h % _P * product2 % _P
    d = z * z2 % _P
    e = b - a
    f = d - c
    g = d + c
    h = b + a
    return e * f % _P, g * h % _P, f * g % _P, e, h


def negative(point: "Point") -> "Point":
    x, y, z, e, h = point
    return -x, y, z, -e, h


def addend_of(point: "Point") -> "Addend":
    x, y, z, e, h = point
    return (y + x) % _P, (y - x) % _P, 2 * _D * e * h % _P, 2 * z


def comb(terms: "tuple[tuple[int, list[Addend]], ...]") -> "Generator[None, None, Point]":
    """The sum of digits * point over `terms`, each given by its digits and the point's table."""
    total = _NEUTRAL
    for column in range(_SPACING - 1, -1, -1):
        total = double(total)
        for digits, table in terms:
            total = add(total, _entry(table, digits >> column))
        yield
    return total


def _entry(table: "list[Addend]", digits: int) -> "Addend":
    """The table's point for one column, negated if the last tooth's digit is: the same work for every scalar."""
    number = digits & 1
    for tooth in range(1, _TEETH):
        number |= (digits >> (tooth * _SPACING) & 1) << tooth
    sign = number >> (_TEETH - 1)
    entry = table[(number ^ (sign - 1)) & _LAST]
    return entry[1 - sign], entry[sign], entry[2] * (2 * sign - 1), entry[3]


def base_table() -> "Generator[None, None, list[Addend]]":
    """The stored table, taken apart anew for each signature: 0.8 KB stay on board instead of 3."""
    table = []
    for start in range(0, len(_BASE), 96):
        sum_, difference, product = [int.from_bytes(_BASE[i : i + 32], "little") for i in range(start, start + 96, 32)]
        table.append((sum_, difference, product, 2))
        if len(table) % 4 == 0:
            yield
    return table


def times_base(scalar: int) -> "Generator[None, None, Point]":
    """scalar * base point, for a scalar below the group order."""
    table = yield from base_table()
    return (yield from comb(((digits_in_group(scalar), table),)))


def table_of(point: "Point") -> "Generator[None, None, list[Addend]]":
    """Entry n: the last tooth's multiple of `point`, plus or minus each other tooth's by the bits of n."""
    teeth = []
    doubles = []
    for _ in range(_TEETH - 1):
        teeth.append(point)
        doubles.append(addend_of(double(point)))
        for i in range(_SPACING):
            point = double(point)
            if i % 4 == 3:
                yield
    for tooth in teeth:
        point = add(point, addend_of(negative(tooth)))
    points = [point]
    table = [addend_of(point)]
    for twice in doubles:
        for i in range(len(points)):
            points.append(add(points[i], twice))
            table.append(addend_of(points[-1]))
            yield
    return table


def _root_power(z: int) -> "Generator[None, None, int]":
    """z ** (2 ** 252 - 3) mod p, the long part of both an inverse and a square root."""
    powers = [z]
    done = 0
    for squarings, factor in _CHAIN:
        power = powers[-1]
        for _ in range(squarings):
            power = power * power % _P
            done += 1
            if done % _SQUARINGS_A_STEP == 0:
                yield
        powers.append(power * powers[factor] % _P)
    return powers[-1]


def encode(point: "Point") -> "Generator[None, None, bytes]":
    """32 bytes: y, little-endian, and the lowest bit of x on top (RFC 8032 5.1.2)."""
    x, y, z, _, _ = point
    inverse = yield from _root_power(z)
    for _ in range(3):
        inverse = inverse * inverse % _P
    inverse = inverse * z % _P * z % _P * z % _P  # z ** (8 * (2 ** 252 - 3) + 3) = z ** (p - 2)
    x = x * inverse % _P
    y = y * inverse % _P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def is_one_reading(encoded: bytes) -> bool:
    """Whether 32 bytes hold a y below p that is not of one of the eight points of small order."""
    y = int.from_bytes(encoded, "little") & _Y_BITS
    return y < _P and y not in _Y_OF_SMALL_ORDER


def decode(encoded: bytes) -> "Generator[None, None, Point | None]":
    """The point of 32 bytes that have one reading, None if there is none (RFC 8032 5.1.3)."""
    y = int.from_bytes(encoded, "little") & _Y_BITS
    u = y * y - 1
    v = _D * y * y + 1
    cube = v * v * v % _P
    x = u * cube * (yield from _root_power(u * cube * cube * v % _P)) % _P
    if (v * x * x + u) % _P == 0:
        x = x * _ROOT_OF_MINUS_ONE % _P
    if (v * x * x - u) % _P != 0:
        return None
    if x & 1 != encoded[31] >> 7:
        x = _P - x
    return x, y, 1, x, y
