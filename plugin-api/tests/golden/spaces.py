"""Writes spaces.txt beside this file: rows that nested spaces of Gymnasium 1.4 draw, for
plugin_api::space::SpaceSampler.

    python -m venv VENV && VENV/bin/pip install gymnasium==1.4.0 numpy==2.4.6
    VENV/bin/python plugin-api/tests/golden/spaces.py

A line is `name seed mask = rows`: the space of this name, as the test has it too, is seeded and
sampled several times. Rows are apart by semicolons, elements by commas: floats as the hexadecimal
digits of their bits as f64, whole numbers as such. A text is the places of its characters in the
charset, padded with -1. A mask of - is none.
"""

import pathlib
import struct

import gymnasium
import numpy as np
from gymnasium.spaces import Box, Dict, Discrete, MultiBinary, MultiDiscrete, Text, Tuple

assert gymnasium.__version__ == "1.4.0", f"needs gymnasium 1.4.0, this is {gymnasium.__version__}"

SEEDS = [0, 1, 42, 2**31 - 1, 2**63 + 5]
INF = float("inf")

# A Dict made of a dict is sorted by name, as all of ours are; one made of keywords would not be.
SPACES = {
    "pair": Tuple([Discrete(5, start=-2), Discrete(2)]),
    "goal": Dict({
        "observation": Box(-INF, INF, (4,), np.float64),
        "achieved_goal": Box(-1.0, 1.0, (2,), np.float64),
        "desired_goal": Box(np.array([-1.0, 0.5]), np.array([0.1, INF]), dtype=np.float64),
    }),
    "rover": Dict({
        "zone": Discrete(3),
        "camera": Box(0, 255, (2, 2), np.uint8),
        "arm": Dict({
            "joints": Box(-np.pi, np.pi, (3,), np.float32),
            "grip": MultiBinary(3),
            "tools": Tuple([MultiDiscrete([4, 7], start=[1, -3]), Discrete(9, start=2**40)]),
        }),
        "odometer": Box(-(2**40), 2**40, (2,), np.int64),
    }),
    "letter": Tuple([
        Text(6, min_length=0, charset="abcdefg"),
        Dict({"b": Text(2, charset="xy"), "a": Discrete(4)}),
    ]),
    "deep": Tuple([Tuple([Tuple([Box(0.1, 0.3, (2,), np.float32)]), MultiBinary(1)]), Tuple([Discrete(1)])]),
    "mixed": Tuple([Box(-1.0, 1.0, (1,), np.float32), Discrete(4)]),
    "choice": Discrete(5, start=3),
    "choices": MultiDiscrete([3, 2, 4], start=[0, 5, -1]),
    "counts": Box(np.array([0, -7]), np.array([9, 7]), dtype=np.int64),
}

MASKS = {
    "choice": [[1, 1, 0, 1, 0], [0, 0, 0, 0, 1], [0, 0, 0, 0, 0]],
    "choices": [[1, 0, 1, 1, 1, 0, 0, 1, 0], [0, 0, 0, 0, 0, 0, 0, 0, 0]],
}


def elements(space, value):
    """One value in the order of a row."""
    if isinstance(space, Dict):
        return sum((elements(child, value[name]) for name, child in space.items()), [])
    if isinstance(space, Tuple):
        return sum((elements(child, part) for child, part in zip(space, value)), [])
    if isinstance(space, Text):
        places = [space.character_list.index(character) for character in value]
        return [str(place) for place in places + [-1] * (space.max_length - len(places))]
    numbers = np.ravel(value)
    if np.issubdtype(numbers.dtype, np.floating):
        return [struct.pack(">d", number).hex() for number in numbers]
    return [str(int(number)) for number in numbers]


def arrays(space, mask):
    """A mask in the form that the space takes."""
    mask = np.array(mask, np.int8)
    if isinstance(space, Discrete):
        return mask
    return tuple(np.split(mask, np.cumsum(space.nvec)[:-1]))


def record(lines, name, seed, mask):
    space = SPACES[name]
    space.seed(seed)
    form = None if mask is None else arrays(space, mask)
    rows = [",".join(elements(space, space.sample(mask=form))) for _ in range(6)]
    text = "-" if mask is None else ",".join(map(str, mask))
    lines.append(f"{name} {seed} {text} = {';'.join(rows)}")


def main():
    lines = [f"# gymnasium {gymnasium.__version__}, numpy {np.__version__}, written by spaces.py"]
    for name in SPACES:
        for seed in SEEDS:
            for mask in [None, *MASKS.get(name, [])]:
                record(lines, name, seed, mask)
    pathlib.Path(__file__).with_suffix(".txt").write_text("\n".join(lines) + "\n")


main()
