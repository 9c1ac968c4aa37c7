"""Plays seeded episodes of a Gymnasium world and writes every number as the bits of a double."""

import json
import struct
import sys

import gymnasium
import numpy

try:
    import gymnasium_robotics

    gymnasium.register_envs(gymnasium_robotics)
except ImportError:
    # Then there are only Gymnasium's own worlds.
    pass


def flat(value):
    """The numbers of an observation or action, children in order."""
    if isinstance(value, dict):
        return [number for key in sorted(value) for number in flat(value[key])]
    if isinstance(value, tuple):
        return [number for child in value for number in flat(child)]
    return [float(number) for number in numpy.asarray(value).ravel()]


def bits(numbers):
    return [struct.unpack("<Q", struct.pack("<d", number))[0] for number in numbers]


def say(event, **words):
    print(json.dumps({"event": event, **words}))


name, options, episodes = sys.argv[1], json.loads(sys.argv[2]), int(sys.argv[3])
env = gymnasium.make(name, disable_env_checker=True, **options)
say("version", gymnasium=gymnasium.__version__)
for seed in range(episodes):
    env.action_space.seed(seed)
    obs, _ = env.reset(seed=seed)
    say("reset", obs=bits(flat(obs)))
    ended = False
    while not ended:
        action = env.action_space.sample()
        obs, reward, terminated, truncated, _ = env.step(action)
        ended = terminated or truncated
        say(
            "step",
            action=bits(flat(action)),
            obs=bits(flat(obs)),
            reward=bits([float(reward)])[0],
            flags=int(bool(terminated)) + 2 * int(bool(truncated)),
        )
