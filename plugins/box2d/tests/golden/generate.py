"""Writes what Gymnasium's Box2D worlds do, for the tests of this plugin to repeat.

    pip install swig
    pip install "gymnasium[box2d]==1.4.0" "numpy==2.4.*"
    python generate.py [WORLD ...]

Each world gets a file. A line `options` names the params of what follows, as this plugin calls
them. A line `random FIRST COUNT STEPS DIGEST` stands for so many seeded episodes of random actions:
how many steps they took together, and a digest of every bit that came back; in `steered` ones a
pilot acts. After each episode the next one is reset without a seed, and its beginning counts, too.
Lines `reset` and `step` spell an episode out: action, observation, reward, flags, numbers as bits.
"""

import pathlib
import struct
import sys

import Box2D
import gymnasium
import numpy

FNV_OFFSET = 0xCBF29CE484222325
FNV_PRIME = 0x100000001B3
MASK = (1 << 64) - 1


def lander_pilot(obs, _):
    """Sinks upright towards the pad, as discrete engines."""
    angle, height = lander_targets(obs)
    if height > abs(angle) and height > 0.05:
        return 2
    return 3 if angle < -0.05 else 1 if angle > 0.05 else 0


def lander_pilot_continuous(obs, _):
    angle, height = lander_targets(obs)
    return numpy.clip([height * 20.0 - 1.0, angle * -20.0], -1.0, 1.0).astype(numpy.float32)


def lander_targets(obs):
    x, y, vx, vy, angle, spin, left, right = (float(number) for number in obs)
    lean = min(max(x * 0.5 + vx, -0.4), 0.4)
    if left or right:
        return 0.0, vy * -0.5
    return (lean - angle) * 0.5 - spin, (0.55 * abs(x) - y) * 0.5 - vy * 0.5


# Angles of hips and knees between which the walker changes.
POSES = [(0.9, -0.9, -0.3, 0.0), (0.2, 0.0, 0.9, -0.9), (-0.4, -0.2, 0.6, -0.6), (0.5, 0.1, 0.5, 0.1)]


def walker_pilot(obs, step):
    """Lurches from pose to pose; falls late and in many ways."""
    pose = POSES[step // 20 % len(POSES)]
    angles = [float(obs[place]) for place in (4, 6, 9, 11)]
    speeds = [float(obs[place]) for place in (5, 7, 10, 12)]
    pulls = [(want - is_) * 1.5 - speed * 0.25 for want, is_, speed in zip(pose, angles, speeds)]
    return numpy.clip(pulls, -1.0, 1.0).astype(numpy.float32)


# Gymnasium's name and options, the pilot, and for each set of our options how many groups of how
# many episodes are played at random and by the pilot.
LANDER = ("LunarLander-v3", {}, lander_pilot)
CONTINUOUS = ("LunarLander-v3", {"continuous": True}, lander_pilot_continuous)
WALKER = ("BipedalWalker-v3", {}, walker_pilot)
HARDCORE = ("BipedalWalker-v3", {"hardcore": True}, walker_pilot)
WORLDS = {
    "LunarLander-v3": (LANDER, 20, [
        ({}, 250, 130),
        ({"enable_wind": True}, 50, 40),
        ({"enable_wind": True, "wind_power": 20.0, "turbulence_power": 2.0}, 5, 5),
        ({"gravity": -3.0}, 10, 5),
        ({"gravity": -11.5}, 10, 5),
    ]),
    "LunarLanderContinuous-v3": (CONTINUOUS, 20, [
        ({}, 250, 130),
        ({"enable_wind": True}, 50, 40),
    ]),
    "BipedalWalker-v3": (WALKER, 10, [({}, 150, 40), ({"world": "reuse"}, 30, 10)]),
    "BipedalWalkerHardcore-v3": (HARDCORE, 10, [({}, 30, 10), ({"world": "reuse"}, 4, 2)]),
}


class World:
    """A world with some options, and the actions of an episode."""

    def __init__(self, recipe, options):
        name, made, self.pilot = recipe
        made = made | {key: value for key, value in options.items() if key != "world"}
        steps = 2000 if made.get("hardcore") else None
        self.env = gymnasium.make(name, max_episode_steps=steps, disable_env_checker=True, **made)
        self.is_fresh = "Walker" in name and options.get("world") != "reuse"

    def reset(self, seed=None):
        if self.is_fresh:
            self.env.unwrapped.world = Box2D.b2World()
            self.env.unwrapped.terrain = []
        return self.env.reset(seed=seed)[0]

    def episode(self, seed, steered):
        """Yields the actions and what came of them; the first action is None."""
        obs = self.reset(seed)
        self.env.action_space.seed(seed)
        yield None, obs, 0.0, 0
        ended, step = False, 0
        while not ended:
            action = self.pilot(obs, step) if steered else self.sample()
            obs, reward, terminated, truncated, _ = self.env.step(action)
            ended = terminated or truncated
            step += 1
            yield action, obs, reward, int(terminated) | int(truncated) << 1
        # The random numbers go on in the next episode.
        yield None, self.reset(), 0.0, 0

    def sample(self):
        action = self.env.action_space.sample()
        # Beyond its bounds, too, if they are wide enough to be left.
        return action if isinstance(action, numpy.integer) else numpy.float32(1.25) * action


def words(obs, reward, flags):
    """The bits of a step: each number as an integer."""
    assert obs.dtype == numpy.float32
    return [*obs.view(numpy.uint32).tolist(), struct.unpack("<Q", struct.pack("<d", reward))[0], flags]


def digest(state, numbers):
    """FNV-1a over whole integers instead of bytes."""
    for number in numbers:
        state = ((state ^ number) * FNV_PRIME) & MASK
    return state


def episodes(world, word, first, count):
    state, steps = FNV_OFFSET, 0
    for seed in range(first, first + count):
        for action, obs, reward, flags in world.episode(seed, word == "steered"):
            state = digest(state, words(obs, reward, flags))
            steps += action is not None
    return f"{word} {first} {count} {steps} {state:016x}"


def spelled_out(world, seed, most_steps):
    lines = [f"seed {seed}"]
    for step, (action, obs, reward, flags) in enumerate(world.episode(seed, False)):
        bits = " ".join(f"{number:x}" for number in words(obs, reward, flags))
        if action is None and step > 0 or step > most_steps:
            break
        if action is None:
            lines.append(f"reset {bits}")
        else:
            lines.append(f"step {','.join(str(part) for part in numpy.ravel(action))} {bits}")
    return lines


def generate(name):
    recipe, group, variants = WORLDS[name]
    version = f"Gymnasium {gymnasium.__version__}, numpy {numpy.__version__}, Box2D {Box2D.__version__}"
    lines = [f"# {name} of {version}; see generate.py."]
    for options, random, steered in variants:
        world = World(recipe, options)
        lines.append(" ".join(["options", *(f"{key}={value}" for key, value in options.items())]))
        if not options:
            lines += spelled_out(world, 42, 25)
        for word, groups in (("random", random), ("steered", steered)):
            lines += [episodes(world, word, at * group, group) for at in range(groups)]
        if not options:
            # Seeds far from each other, to the largest.
            seeds = (2**31 - 1, 2**32, 2**53 + 1, 2**63, 2**64 - 1)
            lines += [episodes(world, "random", seed, 1) for seed in seeds]
        print(name, options, sum(int(line.split()[3]) for line in lines if line[0] in "rs" and
              line.split()[0] in ("random", "steered")), "steps", file=sys.stderr)
    path = pathlib.Path(__file__).with_name(f"{name}.txt")
    path.write_text("\n".join(lines).replace("True", "true") + "\n")


if __name__ == "__main__":
    for name in sys.argv[1:] or WORLDS:
        generate(name)
