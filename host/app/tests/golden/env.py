"""Writes what `thorndike env WORLD --seed N --actions random --steps K --json` must print.

    pip install "gymnasium[classic-control,toy-text]==1.4.0" "numpy==2.4.*"
    python env.py > env.jsonl

The first line of each part names the world, its seed, the number of steps, and whether actions are
drawn from those that the world allows (`--env-set action_mask=true`). Numbers are those of
Gymnasium as doubles: what is printed must read back to the same ones in the type of its column.
"""

import json

import gymnasium
import numpy

PARTS = [
    ("FrozenLake-v1", 42, 40),
    ("Taxi-v4", 7, 10),
    ("Taxi-v4", 7, 40, True),
    ("Blackjack-v1", 3, 12),
    ("CartPole-v1", 42, 60),
    ("Pendulum-v1", 1, 10),
    ("MountainCarContinuous-v0", 5, 10),
]


def flat(value):
    if isinstance(value, tuple):
        return [number for child in value for number in flat(child)]
    return [number.item() for number in numpy.asarray(value).ravel()]


def one(value):
    return int(value) if numpy.ndim(value) == 0 else flat(value)


for name, seed, steps, *masked in PARTS:
    print(json.dumps({"env": name, "seed": seed, "steps": steps, "masked": bool(masked)}))
    env = gymnasium.make(name, disable_env_checker=True)
    env.action_space.seed(seed)
    obs, info = env.reset(seed=seed)
    print(json.dumps({"event": "reset", "seed": seed, "obs": flat(obs)}))
    for _ in range(steps):
        action = env.action_space.sample(info["action_mask"] if masked else None)
        obs, reward, terminated, truncated, info = env.step(action)
        line = {"event": "step", "action": one(action), "obs": flat(obs), "reward": float(reward)}
        print(json.dumps(line | {"terminated": bool(terminated), "truncated": bool(truncated)}))
        if terminated or truncated:
            obs, info = env.reset()
            print(json.dumps({"event": "reset", "seed": None, "obs": flat(obs)}))
