"""Writes what Gymnasium's classic-control worlds do, for the tests of this plugin to repeat.

    pip install "gymnasium[classic-control]==1.4.0" "numpy==2.4.*"
    python generate.py

Each world gets a file. A line `options` names the params of what follows, as this plugin calls
them. A line `episodes FIRST COUNT STEPS DIGEST` stands for so many seeded episodes of random
actions: how many steps they took together, and a digest of every bit that came back; `steered`
ones swing or balance instead. Lines `reset` and `step` spell an episode out: action, observation, reward, flags, numbers as bits.
"""

import pathlib
import struct

import gymnasium
import numpy

EPISODES = 1000
GROUP = 10
FNV_OFFSET = 0xCBF29CE484222325
FNV_PRIME = 0x100000001B3
MASK = (1 << 64) - 1

# For each world the sets of options that are tried beside the defaults.
WORLDS = {
    "CartPole-v1": [{"sutton_barto_reward": True}, {"low": -0.2, "high": 0.15}],
    "MountainCar-v0": [{"goal_velocity": 0.02, "low": 0.3, "high": 0.45}, {"low": -1.2, "high": 0.5}],
    "MountainCarContinuous-v0": [
        {"goal_velocity": 0.02, "low": 0.3, "high": 0.44},
        {"goal_velocity": 0.07, "low": 0.3, "high": 0.44},
        {"low": -1.2, "high": 0.5},
    ],
    "Acrobot-v1": [
        {"book_or_nips": "nips"},
        {"torque_noise_max": 0.5},
        {"dt": 0.05, "low": -3.0, "high": 3.0},
    ],
    "Pendulum-v1": [{"g": 9.81, "x_init": 1.5, "y_init": 0.5}, {"x_init": 300.0, "y_init": 8.0}],
}
# What is added up to steer: where the sum is positive the highest action is taken, else the lowest.
STEERING = {
    "CartPole-v1": [2, 3],
    "MountainCar-v0": [1],
    "MountainCarContinuous-v0": [1],
    "Acrobot-v1": [5],
    "Pendulum-v1": [2],
}
MAKE_OPTIONS = ("sutton_barto_reward", "goal_velocity", "g")
RESET_OPTIONS = ("low", "high", "x_init", "y_init")


class World:
    """A world with some options, and the actions of an episode."""

    def __init__(self, name, options, steering=()):
        self.steering = steering
        made = {key: options[key] for key in MAKE_OPTIONS if key in options}
        self.env = gymnasium.make(name, disable_env_checker=True, **made)
        self.reset_options = {key: options[key] for key in RESET_OPTIONS if key in options} or None
        for key in set(options) - set(MAKE_OPTIONS) - set(RESET_OPTIONS):
            setattr(self.env.unwrapped, key, options[key])

    def episode(self, seed):
        """Yields the actions and what came of them; the first action is None."""
        obs, _ = self.env.reset(seed=seed, options=self.reset_options)
        self.env.action_space.seed(seed)
        yield None, obs, 0.0, 0
        ended = False
        while not ended:
            action = self.steer(obs) if self.steering else self.sample()
            obs, reward, terminated, truncated, _ = self.env.step(action)
            ended = terminated or truncated
            yield action, obs, reward, int(terminated) | int(truncated) << 1
        # The random numbers go on in the next episode.
        obs, _ = self.env.reset(options=self.reset_options)
        yield None, obs, 0.0, 0

    def sample(self):
        action = self.env.action_space.sample()
        # Beyond its bounds, too, if they are wide enough to be left.
        return action if isinstance(action, numpy.integer) else numpy.float32(1.25) * action

    def steer(self, obs):
        up = sum(obs[place] for place in self.steering) > 0
        space = self.env.action_space
        if isinstance(space, gymnasium.spaces.Discrete):
            return space.n - 1 if up else space.n * 0
        return space.high if up else space.low


def words(obs, reward, flags):
    """The bits of a step: each number as an integer."""
    assert obs.dtype == numpy.float32
    return [*obs.view(numpy.uint32).tolist(), struct.unpack("<Q", struct.pack("<d", reward))[0], flags]


def digest(state, numbers):
    """FNV-1a over whole integers instead of bytes."""
    for number in numbers:
        state = ((state ^ number) * FNV_PRIME) & MASK
    return state


def episodes(world, first, count, word="episodes"):
    state, steps = FNV_OFFSET, 0
    for seed in range(first, first + count):
        for action, obs, reward, flags in world.episode(seed):
            state = digest(state, words(obs, reward, flags))
            steps += action is not None
    return f"{word} {first} {count} {steps} {state:016x}"


def spelled_out(world, seed, most_steps):
    lines = [f"seed {seed}"]
    for step, (action, obs, reward, flags) in enumerate(world.episode(seed)):
        bits = " ".join(f"{number:x}" for number in words(obs, reward, flags))
        if action is None and step > 0 or step > most_steps:
            break
        if action is None:
            lines.append(f"reset {bits}")
        else:
            lines.append(f"step {numpy.ravel(action)[0]!s} {bits}")
    return lines


def generate(name, variants):
    lines = [f"# {name} of Gymnasium {gymnasium.__version__}, numpy {numpy.__version__}; see generate.py."]
    world = World(name, {})
    lines += ["options"]
    lines += [episodes(world, first, GROUP) for first in range(0, EPISODES, GROUP)]
    lines += spelled_out(world, 42, 25)
    # Seeds far from each other, to the largest.
    lines += [episodes(world, seed, 1) for seed in (2**31 - 1, 2**32, 2**53 + 1, 2**63, 2**64 - 1)]
    world = World(name, {}, STEERING[name])
    lines += [episodes(world, first, GROUP, "steered") for first in range(0, 10 * GROUP, GROUP)]
    for options in variants:
        world = World(name, options)
        lines.append(" ".join(["options", *(f"{key}={value}" for key, value in options.items())]))
        lines += [episodes(world, first, GROUP) for first in range(0, 5 * GROUP, GROUP)]
    path = pathlib.Path(__file__).with_name(f"{name}.txt")
    path.write_text("\n".join(lines).replace("True", "true") + "\n")


if __name__ == "__main__":
    for name, variants in WORLDS.items():
        generate(name, variants)
