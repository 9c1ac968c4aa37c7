"""Writes rng.txt beside this file: what numpy 2.4 draws, for the tests of plugin_api::rng.

    python -m venv VENV && VENV/bin/pip install numpy==2.4.6
    VENV/bin/python plugin-api/tests/golden/rng.py

A line is `operation arguments = results`. Floats are the 16 hexadecimal digits of their bits.
`seed` and `sequence` start a generator; the lines below it draw from it in turn.
"""

import pathlib
import random
import struct

import numpy as np

MASK = (1 << 64) - 1
assert np.__version__.startswith("2.4."), f"needs numpy 2.4, this is {np.__version__}"


def bits(value):
    return struct.pack(">d", float(value)).hex()


def digest(values):
    """FNV-1a over 64-bit words, folded so that two flipped signs do not cancel out."""
    state = 0xCBF29CE484222325
    for word in np.ascontiguousarray(values).view(np.uint64).tolist():
        state = ((state ^ word) * 0x100000001B3) & MASK
        state ^= state >> 32
    return f"{state:016x}"


def words(rng):
    state = rng.bit_generator.state
    half = state["has_uint32"] << 32 | state["uinteger"] if state["has_uint32"] else 0
    inner = state["state"]
    parts = [inner["state"] >> 64, inner["state"] & MASK, inner["inc"] >> 64, inner["inc"] & MASK, half]
    return " ".join(f"{part:x}" for part in parts)


def join(values):
    return ",".join(str(value) for value in values)


# Ranges around every change of method: nothing to draw, 32 bits, all 32 bits, 64 bits, all 64 bits.
RANGES = [
    (0, 1), (0, 2), (0, 10), (-5, 6), (3, 200), (0, 2**31 - 1), (-(2**31), 2**31 - 1), (0, 3 * 2**30),
    (0, 2**32 - 1), (0, 2**32), (-7, 2**32 - 7), (0, 2**32 + 1), (0, 3 * 2**61), (-(2**62), 2**62 + 9),
    (-(2**63), 2**63 - 1),
]
WEIGHTS = [[1.0], [0.5, 0.5], [0.1, 0.2, 0.7], [0.0, 0.25, 0.0, 0.75], [1 / 3, 1 / 3, 1 / 3], [0.1] * 10]
BYTES = [(0, 2), (0, 1), (0, 256), (3, 250), (0, 7), (200, 256)]


def draw(rng, name, pick):
    """One operation: the text of its arguments and the text of its results."""
    if name == "random":
        return "", bits(rng.random())
    if name == "random_f32":
        return "", bits(rng.random(dtype=np.float32))
    if name == "uniform":
        low, high = pick.choice([(-1.0, 1.0), (0.1, 0.7), (-0.05, 0.05), (-1e300, 3.0)])
        return f"{bits(low)} {bits(high)}", bits(rng.uniform(low, high))
    if name == "normal":
        mean, std = pick.choice([(0.0, 1.0), (2.5, 0.1), (-3.0, 7.0)])
        return f"{bits(mean)} {bits(std)}", bits(rng.normal(mean, std))
    if name == "standard_normal":
        return "", bits(rng.standard_normal())
    if name == "standard_exponential":
        return "", bits(rng.standard_exponential())
    if name == "exponential":
        return bits(0.3), bits(rng.exponential(0.3))
    if name == "integers":
        low, high = pick.choice(RANGES)
        return f"{low} {high}", str(rng.integers(low, high))
    if name == "integers_inclusive":
        return f"{-(2**63)} {2**63 - 1}", str(rng.integers(-(2**63), 2**63 - 1, endpoint=True))
    if name == "integers_i32":
        low, high = pick.choice(RANGES[:7])
        return f"{low} {high}", str(rng.integers(low, high, dtype=np.int32))
    if name == "integers_u32":
        return "5 4000000000", str(rng.integers(5, 4000000000, dtype=np.uint32))
    if name == "integers_u8":
        low, high = pick.choice(BYTES)
        return f"{low} {high}", str(rng.integers(low, high, dtype=np.uint8))
    if name == "fill_integers_u8":
        (low, high), n = pick.choice(BYTES), pick.choice([1, 3, 4, 9])
        return f"{low} {high} {n}", join(rng.integers(low, high, size=n, dtype=np.uint8))
    if name == "geometric":
        p = pick.choice([0.25, 0.5, 1.0, 0.9, 1 / 3, 0.33, 1e-3])
        return bits(p), str(rng.geometric(p))
    if name == "choice":
        n = pick.choice([1, 2, 13, 1000])
        return str(n), str(rng.choice(n))
    if name == "choice_weighted":
        weights = pick.choice(WEIGHTS)
        return ",".join(bits(weight) for weight in weights), str(rng.choice(len(weights), p=weights))
    if name == "permutation":
        n = pick.choice([0, 1, 2, 5, 10])
        return str(n), join(rng.permutation(n))
    if name == "shuffle":
        items = np.arange(7)
        rng.shuffle(items)
        return "7", join(items)
    if name == "choice_without_replacement":
        n, k = pick.choice([(5, 5), (10, 3), (1, 1), (100, 7), (20000, 4), (7, 0)])
        return f"{n} {k}", join(rng.choice(n, size=k, replace=False))
    if name == "choice_many_without_replacement":
        n, k = pick.choice([(10000, 500), (10001, 201), (20000, 20000), (5000, 4999)])
        return f"{n} {k}", digest(rng.choice(n, size=k, replace=False))
    assert name == "advance", name
    steps = pick.choice([1, 12345, 2**70 + 3])
    rng.bit_generator.advance(steps)
    return str(steps), "-"


NAMES = [
    "random", "random_f32", "uniform", "normal", "standard_normal", "standard_exponential", "exponential",
    "integers", "integers", "integers_inclusive", "integers_i32", "integers_u32", "integers_u8",
    "fill_integers_u8", "geometric", "choice", "choice_weighted", "permutation", "shuffle",
    "choice_without_replacement",
]
RARE = ["advance", "choice_many_without_replacement"]
SEEDS = [0, 1, 2, 3, 7, 42, 123, 2**31, 2**32 - 1, 2**32, 2**63 - 1, 2**64 - 1, 987654321987654321]


def interleaved(lines, pick):
    for seed in SEEDS:
        rng = np.random.default_rng(seed)
        lines += [f"seed {seed} = -", f"words = {words(rng)}"]
        order = NAMES * 2 + RARE
        pick.shuffle(order)
        for name in order:
            arguments, result = draw(rng, name, pick)
            lines.append(f"{name} {arguments} = {result}".replace("  ", " "))
        lines.append(f"words = {words(rng)}")


def long_runs(lines):
    """Long enough for every edge and for both tails of the ziggurats, many times."""
    rng = np.random.default_rng(20240607)
    lines.append("seed 20240607 = -")
    runs = {
        "random": lambda n: rng.random(n),
        "random_f32": lambda n: rng.random(n, dtype=np.float32).astype(np.float64),
        "standard_normal": lambda n: rng.standard_normal(n),
        "standard_exponential": lambda n: rng.standard_exponential(n),
        "integers": lambda n: rng.integers(-5, 2**31 + 2**30, size=n),
        "geometric": lambda n: rng.geometric(0.25, size=n),
    }
    for name, run in runs.items():
        values = run(200_000)
        if name == "standard_normal":
            beyond = int(np.sum(np.abs(values) > 3.6541528853610088))
            assert beyond > 20 and values.min() < -3.66 and values.max() > 3.66
        if name == "standard_exponential":
            assert int(np.sum(values > 7.69711747013105)) > 20
        lines.append(f"digest {name} {len(values)} = {digest(values)}")
    lines.append(f"words = {words(rng)}")


def sequences(lines):
    for entropy, key in [
        ([0], []), ([42], []), ([1, 2, 3], []), ([5], [0]), ([5], [0, 7]), ([1, 2, 3, 4, 5, 6], [9]),
        ([4294967295] * 9, []), ([], []),
    ]:
        sequence = np.random.SeedSequence(entropy, spawn_key=key)
        lines.append(f"sequence {join(entropy) or '-'} {join(key) or '-'} = -")
        lines.append(f"generate_u32 7 = {' '.join(f'{w:x}' for w in sequence.generate_state(7))}")
        lines.append(f"generate_u64 5 = {' '.join(f'{w:x}' for w in sequence.generate_state(5, np.uint64))}")
        rng = np.random.default_rng(sequence)
        lines.append(f"random = {bits(rng.random())}")
        lines.append(f"jumped 3 = {words(np.random.Generator(np.random.PCG64(sequence).jumped(3)))}")
        sequence.spawn(2)
        grandchild = sequence.spawn(3)[1].spawn(1)[0]
        lines.append(f"grandchild = {grandchild.generate_state(1, np.uint64)[0]:x}")
    big = 0x0123456789ABCDEF_FEDCBA9876543210
    lines.append(f"entropy {big} = {np.random.SeedSequence(big).generate_state(1, np.uint64)[0]:x}")


def derived(lines):
    for root, name, index in [(0, "lane", 0), (42, "lane", 3), (2**64 - 1, "a", 2**40 + 5), (7, "sampler", 1)]:
        data = name.encode()
        parts = np.frombuffer(data + bytes(-len(data) % 4), "<u4")
        key = (len(data), *parts.tolist(), index & 0xFFFFFFFF, index >> 32)
        seed = np.random.SeedSequence(root, spawn_key=key).generate_state(1, np.uint64)[0]
        lines.append(f"derive {root} {name} {index} = {seed:x}")


def main():
    lines, pick = [f"# numpy {np.__version__}, written by rng.py"], random.Random(1)
    interleaved(lines, pick)
    long_runs(lines)
    sequences(lines)
    derived(lines)
    pathlib.Path(__file__).with_suffix(".txt").write_text("\n".join(lines) + "\n")


main()
