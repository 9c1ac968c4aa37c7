"""Writes laws.txt beside this file: what the spaces of Gymnasium 1.4 draw, for plugin_api::rng::laws.

    python -m venv VENV && VENV/bin/pip install gymnasium==1.4.0 numpy==2.4.6
    VENV/bin/python plugin-api/tests/golden/laws.py

A line is `law seed arguments = samples`: the space is seeded, then sampled several times. Samples are
apart by semicolons, values by commas; floats are the hexadecimal digits of their bits, - is nothing.
"""

import pathlib
import struct

import gymnasium
import numpy as np
from gymnasium import spaces

assert gymnasium.__version__ == "1.4.0", f"needs gymnasium 1.4.0, this is {gymnasium.__version__}"

SEEDS = [0, 1, 42, 2**31 - 1, 2**63 + 5]
INF = float("inf")


def text(value):
    if value is None:
        return "none"
    if isinstance(value, np.float32):
        return struct.pack(">f", value).hex()
    if isinstance(value, (float, np.float64)):
        return struct.pack(">d", value).hex()
    return str(int(value))


def join(values):
    return ",".join(text(value) for value in np.ravel(np.asarray(values, dtype=object))) or "-"


def flat(array):
    return [item for item in np.ravel(array)]


def record(lines, law, arguments, space, draw, count=6):
    for seed in SEEDS:
        space.seed(seed)
        samples = ";".join(draw() for _ in range(count))
        lines.append(f"{law} {seed} {arguments} = {samples}")


def boxes(lines):
    floats = [
        ([-1.0] * 3, [1.0] * 3),
        ([-INF, 0.0, -INF, -2.5, -INF, 3.0], [INF, INF, 1.5, 2.5, INF, 3.0]),
        ([-4.8, -3e38, -0.41887903, 0.1], [4.8, 3e38, 0.41887903, INF]),
    ]
    for dtype, name in [(np.float32, "box_f32"), (np.float64, "box_f64")]:
        for low, high in floats:
            space = spaces.Box(np.array(low, dtype), np.array(high, dtype), dtype=dtype)
            arguments = f"{join(flat(space.low))} {join(flat(space.high))}"
            record(lines, name, arguments, space, lambda: join(flat(space.sample())))
    integers = [
        ([0, -5, 7], [9, 5, 7]),
        ([None, None, 3, -9], [None, 4, None, 2**40]),
        ([-(2**63), 0, 2**62], [2**63 - 2, 2**63 - 2, 2**62 + 5000]),
        ([-(2**63)] * 2, [-(2**63) + 1, 2**53]),
    ]
    for low, high in integers:
        pairs = list(zip(low, high))
        space = integer_box(pairs)
        record(lines, "box_i64", f"{join(low)} {join(high)}", space, lambda: join(flat(space.sample())))
    for low, high in [([0] * 5, [255] * 5), ([0, 3, 250], [1, 3, 255])]:
        space = spaces.Box(np.array(low, np.uint8), np.array(high, np.uint8), dtype=np.uint8)
        record(lines, "box_u8", f"{join(low)} {join(high)}", space, lambda: join(flat(space.sample())))


def integer_box(pairs):
    """Gymnasium cannot make an i64 array of a missing upper bound; its law can, once told so."""
    least, greatest = -(2**63), 2**63 - 1
    low = np.array([least if low is None else low for low, _ in pairs], np.int64)
    high = np.array([greatest if high is None else high for _, high in pairs], np.int64)
    space = spaces.Box(low, high, dtype=np.int64)
    space.bounded_below = np.array([low is not None for low, _ in pairs])
    space.bounded_above = np.array([high is not None for _, high in pairs])
    return space


def discretes(lines):
    for n, start in [(1, 0), (5, 0), (6, -3), (2**31, 0), (2**40, 5)]:
        space = spaces.Discrete(n, start=start)
        record(lines, "discrete", f"{n} {start}", space, lambda: text(space.sample()), 12)
    for mask in [[1, 0, 1, 1, 0], [0, 0, 0, 1, 0], [0] * 5, [1] * 5]:
        space = spaces.Discrete(5, start=2)
        array = np.array(mask, np.int8)
        record(lines, "discrete_masked", f"{join(mask)} 2", space, lambda: text(space.sample(mask=array)), 12)
    for weights in [[0.2] * 5, [0.0, 0.5, 0.0, 0.25, 0.25], [0.0, 0.0, 0.0, 0.0, 1.0]]:
        space = spaces.Discrete(5, start=-1)
        array = np.array(weights)
        draw = lambda: text(space.sample(probability=array))
        record(lines, "discrete_weighted", f"{join(weights)} -1", space, draw, 12)


def multi_discretes(lines):
    counts, start = [5, 2, 2, 100, 1], [0, 0, -1, 7, 3]
    space = spaces.MultiDiscrete(np.array(counts), start=np.array(start))
    record(lines, "multi_discrete", f"{join(counts)} {join(start)}", space, lambda: join(flat(space.sample())))
    wide = spaces.MultiDiscrete(np.array([[2**53, 3], [2**62, 1]]))
    arguments = f"{join(flat(wide.nvec))} {join(flat(wide.start))}"
    record(lines, "multi_discrete", arguments, wide, lambda: join(flat(wide.sample())))
    counts, start = [3, 1, 4, 2], [0, 5, -2, 0]
    space = spaces.MultiDiscrete(np.array(counts), start=np.array(start))
    masks = [[1, 0, 1], [1], [0, 0, 0, 0], [1, 1]]
    arguments = f"{join(counts)} {join(start)} {join(sum(masks, []))}"
    arrays = tuple(np.array(mask, np.int8) for mask in masks)
    record(lines, "multi_discrete_masked", arguments, space, lambda: join(space.sample(mask=arrays)))
    weights = [[0.1, 0.2, 0.7], [1.0], [0.0, 0.5, 0.5, 0.0], [1 / 3, 2 / 3]]
    arguments = f"{join(counts)} {join(start)} {join(sum(weights, []))}"
    floats = tuple(np.array(row) for row in weights)
    record(lines, "multi_discrete_weighted", arguments, space, lambda: join(space.sample(probability=floats)))


def multi_binaries(lines):
    for n in [1, 4, 10]:
        space = spaces.MultiBinary(n)
        record(lines, "multi_binary", str(n), space, lambda: join(space.sample()))
    space = spaces.MultiBinary([2, 3])
    record(lines, "multi_binary", "6", space, lambda: join(flat(space.sample())))
    mask = [0, 1, 2, 2, 2, 0, 2]
    space = spaces.MultiBinary(7)
    array = np.array(mask, np.int8)
    record(lines, "multi_binary_masked", join(mask), space, lambda: join(space.sample(mask=array)))
    weights = [0.0, 1.0, 0.5, 0.1, 0.9, 0.5, 0.5]
    floats = np.array(weights)
    record(lines, "multi_binary_weighted", join(weights), space, lambda: join(space.sample(probability=floats)))


def texts(lines):
    alphabet = "abcdefghij"
    space = spaces.Text(min_length=0, max_length=9, charset=alphabet)
    indices = lambda sample: join([alphabet.index(character) for character in sample])
    record(lines, "text", "0 9 10", space, lambda: indices(space.sample()))
    single = spaces.Text(min_length=4, max_length=4, charset="xyz")
    record(lines, "text", "4 4 3", single, lambda: join(["xyz".index(c) for c in single.sample()]))
    mask = [1, 0, 0, 1, 1, 0, 0, 0, 0, 1]
    array = np.array(mask, np.int8)
    record(lines, "text_masked", f"0 9 {join(mask)}", space, lambda: indices(space.sample(mask=(None, array))))
    weights = [0.05, 0.15] * 5
    floats = np.array(weights)
    draw = lambda: indices(space.sample(probability=(None, floats)))
    record(lines, "text_weighted", f"0 9 {join(weights)}", space, draw)


def composites(lines):
    for n in [1, 2, 5]:
        for seed in SEEDS:
            space = spaces.Tuple([spaces.Discrete(2)] * n)
            fresh = spaces.Dict({str(at): spaces.Discrete(2) for at in range(n)})
            seeds = space.seed(seed)
            assert list(seeds) == list(fresh.seed(seed).values())
            assert list(seeds) == list(spaces.OneOf([spaces.Discrete(2)] * n).seed(seed))[1:]
            lines.append(f"child_seeds {seed} {n} = {join(seeds)}")
    space = spaces.Sequence(spaces.Discrete(2))
    record(lines, "sequence_length", "", space, lambda: str(len(space.sample())), 12)


def main():
    lines = [f"# gymnasium {gymnasium.__version__}, numpy {np.__version__}, written by laws.py"]
    for write in [boxes, discretes, multi_discretes, multi_binaries, texts, composites]:
        write(lines)
    out = "\n".join(line.replace("  ", " ") for line in lines) + "\n"
    pathlib.Path(__file__).with_suffix(".txt").write_text(out)


main()
