"""Plays seeded episodes of a Gymnasium world and writes every number as the bits of a double."""

import json
import sys

import gymnasium
import numpy

try:
    import gymnasium_robotics

    gymnasium.register_envs(gymnasium_robotics)
except ImportError:
    # Then there are only Gymnasium's own worlds.
    pass


def leaves(value):
    """The arrays of an observation or action, children in order."""
    if isinstance(value, dict):
        return [leaf for key in sorted(value) for leaf in leaves(value[key])]
    if isinstance(value, tuple):
        return [leaf for child in value for leaf in leaves(child)]
    return [value]


def bits(value):
    """Sixteen hexadecimal digits for each number."""
    return b"".join(numpy.asarray(leaf, dtype=">f8").tobytes() for leaf in leaves(value)).hex()


def say(event, **words):
    print(json.dumps({"event": event, **words}))


asked = json.loads(sys.argv[1])


def make():
    return gymnasium.make(asked["env"], disable_env_checker=True, **asked["options"])


def goes_on(episodes, steps):
    if asked["steps"] is not None:
        return steps < asked["steps"]
    return episodes < asked["episodes"]


env = make()
say("version", gymnasium=gymnasium.__version__)
episodes = steps = 0
while goes_on(episodes, steps):
    if asked["is_fresh"] and episodes > 0:
        env.close()
        env = make()
    seed = asked["seed"] + episodes
    env.action_space.seed(seed)
    obs, _ = env.reset(seed=seed)
    say("reset", obs=bits(obs))
    ended = False
    while not ended:
        action = env.action_space.sample()
        obs, reward, terminated, truncated, info = env.step(action)
        ended = terminated or truncated
        steps += 1
        say(
            "step",
            action=bits(action),
            obs=bits(obs),
            reward=bits(float(reward)),
            flags=int(bool(terminated)) + 2 * int(bool(truncated)),
            infos=bits(tuple(float(info.get(name, "nan")) for name in asked["infos"])),
        )
    episodes += 1
