"""Writes what gymnasium-robotics' Fetch worlds do, for the tests of this plugin to repeat.

    pip install "mujoco==3.17.0" "gymnasium==1.4.0" "gymnasium-robotics==1.4.2" "numpy==2.4.*"
    python -O fetch.py [WORLD ...]

Without `-O` the package trips over an assertion of its own that MuJoCo 3.12 and later break.
`--long` plays a million steps of each world instead, into files that are not kept.

A line `random FIRST COUNT STEPS SUCCESSES DIGEST SUMS` stands for so many seeded episodes of random
actions, a line `chase ..` for actions that follow the thing or the goal: how many steps they took,
how many of them ended near the goal, a digest of every bit that is exact, and the sums of those
columns that are not, because numpy computes velocities and angles in another way on each processor.
Lines `reset` and `step` spell an episode out, these columns at the end.
"""

import pathlib
import sys

import gymnasium
import gymnasium_robotics
import mujoco
import numpy

from generate import FNV_OFFSET, digest, words

gymnasium.register_envs(gymnasium_robotics)

WORLDS = ["FetchReach", "FetchPush", "FetchSlide", "FetchPickAndPlace"]
LONG = 1_000_000


class World:
    """A world, its rows in the order of their names, and the columns that are not exact."""

    def __init__(self, name):
        self.env = gymnasium.make(name, disable_env_checker=True)
        seen = self.env.observation_space["observation"].shape[0]
        # Behind two goals: angles, velocities of the thing and of the gripper.
        self.near = list(range(17, 29)) if seen == 25 else list(range(11, 14))
        self.exact = [column for column in range(seen + 6) if column not in self.near]

    def row(self, obs):
        self.obs = obs
        return numpy.concatenate([obs[name] for name in sorted(obs)])

    def action(self, plays):
        action = self.env.action_space.sample()
        if plays == "random":
            return numpy.float32(1.25) * action
        seen = self.obs["observation"]
        way = seen[6:9] if len(seen) == 25 else self.obs["desired_goal"] - seen[0:3]
        action[:3] = 10.0 * way + 0.5 * action[:3].astype(numpy.float64)
        return action

    def episode(self, seed, plays):
        """Yields action, row, reward, and whether the goal is near and the episode cut off."""
        obs, _ = self.env.reset(seed=seed)
        self.env.action_space.seed(seed)
        yield None, self.row(obs), 0.0, 0
        cut_off = False
        while not cut_off:
            action = self.action(plays)
            obs, reward, terminated, cut_off, info = self.env.step(action)
            assert not terminated
            yield action, self.row(obs), float(reward), int(info["is_success"]) | int(cut_off) << 1


def episodes(world, plays, first, count):
    state, steps, successes, sums = FNV_OFFSET, 0, 0, numpy.zeros(len(world.near))
    for seed in range(first, first + count):
        for action, row, reward, flags in world.episode(seed, plays):
            state = digest(state, words(row[world.exact], reward, flags))
            sums += row[world.near]
            steps += action is not None
            successes += flags & 1
    sums = ",".join(repr(float(number)) for number in sums)
    return f"{plays} {first} {count} {steps} {successes} {state:016x} {sums}", steps


def spelled_out(world, seed):
    lines = [f"seed {seed}"]
    for step, (action, row, reward, flags) in enumerate(world.episode(seed, "chase")):
        if step > 10:
            break
        *seen, reward, flags = words(row[world.exact], reward, flags)
        word = "reset -" if action is None else "step " + ",".join(str(part) for part in action)
        near = ",".join(repr(float(number)) for number in row[world.near])
        lines.append(f"{word} {digest(FNV_OFFSET, seen):016x} {reward:x} {flags:x} {near}")
    return lines


def generate(name, long):
    versions = f"gymnasium-robotics 1.4.2, numpy {numpy.__version__}, MuJoCo {mujoco.__version__}"
    lines = [f"# {name} of {versions}; see fetch.py."]
    for suffix in ["", "Dense"]:
        world = World(f"{name}{suffix}-v4")
        lines.append(f"world {name}{suffix}-v4")
        lines += spelled_out(world, 42)
        for plays in ["random", "chase"]:
            at, steps = 0, 0
            group = 5 if suffix else 10
            while steps < LONG / 2 if long and not suffix else at < group // 5:
                line, more = episodes(world, plays, at * group, group)
                lines.append(line)
                at, steps = at + 1, steps + more
            print(name, suffix, plays, steps, "steps", file=sys.stderr)
    folder = pathlib.Path("long") if long else pathlib.Path(__file__).parent
    folder.mkdir(exist_ok=True)
    (folder / f"{name}-v4.txt").write_text("\n".join(lines) + "\n")


if __name__ == "__main__":
    chosen = [word for word in sys.argv[1:] if word != "--long"]
    for name in chosen or WORLDS:
        generate(name, "--long" in sys.argv)
