"""Writes stream.txt beside this file: what plugin_api::rng::Stream must draw, computed a second time.

    python plugin-api/tests/golden/stream.py

Python's floats are the IEEE doubles of Rust, so even the normal law must agree to the bit. The
coefficients of the normal quantile are read from Python's own statistics module, not from ours.
"""

import math
import pathlib
import re
import statistics
import struct

MASK_32 = 0xFFFFFFFF


def philox(key, address):
    """Philox4x32-10 as the paper defines it."""
    keys = [key & MASK_32, key >> 32]
    words = list(address)
    for _ in range(10):
        first, second = words[0] * 0xD2511F53, words[2] * 0xCD9E8D57
        words = [
            second >> 32 ^ words[1] ^ keys[0], second & MASK_32,
            first >> 32 ^ words[3] ^ keys[1], first & MASK_32,
        ]
        keys = [(keys[0] + 0x9E3779B9) & MASK_32, (keys[1] + 0xBB67AE85) & MASK_32]
    return words


def block(key, counter, address):
    return philox(key, [counter & MASK_32, counter >> 32, address & MASK_32, address >> 32])


def at(key, lane, counter):
    return block(key, counter, lane)


def bits(key, lane, counter):
    words = at(key, lane, counter)
    return words[1] << 32 | words[0]


def word(key, lane, counter):
    tile, lane = divmod(lane, 64)
    row, column = divmod(lane, 16)
    return block(key, counter, 2**63 + 16 * tile + column)[row]


def polynomial(coefficients, r):
    total = 0.0
    for even, odd in zip(coefficients[::2], coefficients[1::2]):
        total = total * (r * r) + (even * r + odd)
    return total


def logarithm(x):
    mantissa, exponent = math.frexp(x)
    if mantissa < math.sqrt(0.5):
        mantissa, exponent = mantissa * 2.0, exponent - 1
    s = (mantissa - 1.0) / (mantissa + 1.0)
    z = s * s
    series = z * polynomial([1.0 / odd for odd in range(21, 2, -2)], z)
    upper, lower = float.fromhex("0x1.62e42feep-1"), float.fromhex("0x1.a39ef35793c76p-33")
    return exponent * upper + (2.0 * s + (2.0 * s * series + exponent * lower))


def published_coefficients():
    source = pathlib.Path(statistics.__file__).read_text()
    source = source[source.index("def _normal_dist_inv_cdf"):]
    numbers = [float(text) for text in re.findall(r"\d\.[\d_]+e[+-]\d+", source)][:45]
    groups = [numbers[start:start + 15] for start in (0, 15, 30)]
    return [(group[:8], group[8:] + [1.0]) for group in groups]


REGIONS = published_coefficients()


def normal(key, lane, counter):
    drawn = bits(key, lane, counter)
    p = ((drawn >> 12) + 0.5) * 2.0**-53
    q = 0.5 - p
    if q <= 0.425:
        r, factor, region = 0.180625 - q * q, q, REGIONS[0]
    else:
        r, factor = math.sqrt(-logarithm(p)), 1.0
        r, region = (r - 1.6, REGIONS[1]) if r <= 5.0 else (r - 5.0, REGIONS[2])
    x = factor * (polynomial(region[0], r) / polynomial(region[1], r))
    return -x if drawn & 1 else x


def float_bits(value):
    return struct.unpack(">Q", struct.pack(">d", value))[0]


def digest(words):
    """FNV-1a over 64-bit words, folded so that two flipped signs do not cancel out."""
    state = 0xCBF29CE484222325
    for item in words:
        state = ((state ^ item) * 0x100000001B3) & (2**64 - 1)
        state ^= state >> 32
    return f"{state:016x}"


def main():
    lines = ["# written by stream.py"]
    for place in [(0, 0, 0), (1, 0, 0), (42, 7, 1000), (2**64 - 1, 2**63 - 1, 2**64 - 1), (3, 2**32 + 77, 2**33)]:
        text = " ".join(str(part) for part in place)
        lines.append(f"at {text} = {' '.join(f'{part:x}' for part in at(*place))}")
        lines.append(f"random {text} = {float_bits((bits(*place) >> 11) * 2.0**-53):016x}")
        lines.append(f"below {text} = {bits(*place) * 1000 >> 64}")
        lines.append(f"word {text} = {word(*place):x}")
        lines.append(f"normal {text} = {float_bits(normal(*place)):016x}")
    count = 30_000
    words = digest(word(9, lane, 5) for lane in range(count))
    normals = digest(float_bits(normal(5, counter % 7, counter)) for counter in range(count))
    lines.append(f"words 9 5 {count} = {words}")
    lines.append(f"normals 5 7 {count} = {normals}")
    pathlib.Path(__file__).with_suffix(".txt").write_text("\n".join(lines) + "\n")


main()
