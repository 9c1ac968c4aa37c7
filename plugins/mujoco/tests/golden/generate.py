"""Writes what Gymnasium's MuJoCo worlds do, for the tests of this plugin to repeat.

    pip install "mujoco==3.17.0" "gymnasium==1.4.0" "numpy==2.4.*" imageio packaging
    python generate.py [WORLD ...]

`--long` plays a million steps of each world instead, into files that are not kept.

Each world gets a file. A line `options` names the params of what follows, as this plugin calls
them. A line `random FIRST COUNT STEPS DIGEST` stands for so many seeded episodes of random actions:
how many steps they took together, and a digest of every bit that came back. After each episode the
next one is reset without a seed, and its beginning counts, too. Lines `reset` and `step` spell an
episode out: action, a digest of the observation, reward, flags, numbers as bits.
"""

import pathlib
import struct
import sys

import gymnasium
import mujoco
import numpy

FNV_OFFSET = 0xCBF29CE484222325
FNV_PRIME = 0x100000001B3
MASK = (1 << 64) - 1

# Gymnasium's name, how many episodes make a line and how many lines there are, and further options.
WORLDS = {
    "Ant-v5": (2, 4, [
        {"healthy_z_range": (0.3, 0.9), "contact_force_range": (-5.0, 5.0), "main_body": 2},
        {"exclude_current_positions_from_observation": False, "include_cfrc_ext_in_observation": False},
    ]),
    "HalfCheetah-v5": (2, 3, [{"frame_skip": 2, "ctrl_cost_weight": 0.3}]),
    "Hopper-v5": (20, 4, [{"healthy_angle_range": (-0.1, 0.3), "healthy_reward": 2.0}]),
    "Humanoid-v5": (10, 4, [
        {"contact_cost_weight": 0.001, "contact_cost_range": (0.5, 3.0)},
        {"include_cinert_in_observation": False, "include_qfrc_actuator_in_observation": False},
    ]),
    "HumanoidStandup-v5": (1, 1, [{"impact_cost_weight": 0.001, "frame_skip": 3}]),
    "InvertedDoublePendulum-v5": (50, 4, [{"healthy_reward": 3.0}]),
    "InvertedPendulum-v5": (50, 4, [{"reset_noise_scale": 0.1}]),
    "Pusher-v5": (10, 4, [{"reward_near_weight": 0.3, "reward_control_weight": 0.7}]),
    "Reacher-v5": (20, 4, [{"reward_control_weight": 0.3}]),
    "Swimmer-v5": (2, 3, [{"ctrl_cost_weight": 0.01}]),
    "Walker2d-v5": (20, 4, [{"healthy_z_range": (0.9, 1.5), "healthy_reward": 2.0}]),
}
LONG = 1_000_000


class World:
    """A world with some options, and the actions of an episode."""

    def __init__(self, name, options):
        self.env = gymnasium.make(name, disable_env_checker=True, **options)

    def episode(self, seed):
        """Yields the actions and what came of them; the first action is None."""
        obs, _ = self.env.reset(seed=seed)
        self.env.action_space.seed(seed)
        yield None, obs, 0.0, 0
        ended = False
        while not ended:
            # Beyond the bounds, too: nothing is clipped before the simulation does it.
            action = numpy.float32(1.25) * self.env.action_space.sample()
            obs, reward, terminated, truncated, _ = self.env.step(action)
            ended = terminated or truncated
            yield action, obs, reward, int(terminated) | int(truncated) << 1
        # The random numbers go on in the next episode.
        yield None, self.env.reset()[0], 0.0, 0


def words(obs, reward, flags):
    """The bits of a step: each number as an integer."""
    assert obs.dtype == numpy.float64
    return [*obs.view(numpy.uint64).tolist(), struct.unpack("<Q", struct.pack("<d", reward))[0], flags]


def digest(state, numbers):
    """FNV-1a over whole integers instead of bytes."""
    for number in numbers:
        state = ((state ^ number) * FNV_PRIME) & MASK
    return state


def episodes(world, first, count):
    state, steps = FNV_OFFSET, 0
    for seed in range(first, first + count):
        for action, obs, reward, flags in world.episode(seed):
            state = digest(state, words(obs, reward, flags))
            steps += action is not None
    return f"random {first} {count} {steps} {state:016x}", steps


def spelled_out(world, seed, most_steps):
    lines = [f"seed {seed}"]
    for step, (action, obs, reward, flags) in enumerate(world.episode(seed)):
        if action is None and step > 0 or step > most_steps:
            break
        *seen, reward, flags = words(obs, reward, flags)
        word = "reset" if action is None else "step " + ",".join(str(part) for part in action)
        lines.append(f"{word} {digest(FNV_OFFSET, seen):016x} {reward:x} {flags:x}")
    return lines


def option(value):
    if isinstance(value, tuple):
        return ",".join(str(part) for part in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def generate(name, long):
    group, lines_each, variants = WORLDS[name]
    versions = f"Gymnasium {gymnasium.__version__}, numpy {numpy.__version__}, MuJoCo {mujoco.__version__}"
    lines = [f"# {name} of {versions}; see generate.py."]
    for options in [{}, *variants]:
        world = World(name, options)
        lines.append(" ".join(["options", *(f"{key}={option(value)}" for key, value in options.items())]))
        if not options:
            lines += spelled_out(world, 42, 10)
        at, steps = 0, 0
        while steps < LONG if long and not options else at < lines_each:
            line, more = episodes(world, at * group, group)
            lines.append(line)
            at, steps = at + 1, steps + more
        print(name, options, steps, "steps", file=sys.stderr)
    folder = pathlib.Path("long") if long else pathlib.Path(__file__).parent
    folder.mkdir(exist_ok=True)
    (folder / f"{name}.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    chosen = [word for word in sys.argv[1:] if word != "--long"]
    for name in chosen or WORLDS:
        generate(name, "--long" in sys.argv)
