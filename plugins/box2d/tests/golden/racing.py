"""Writes what Gymnasium's CarRacing does, for the tests of this plugin to repeat.

    pip install swig
    pip install "gymnasium[box2d]==1.4.0" "numpy==2.4.*"
    python racing.py

The lines are those of generate.py, but instead of pixels they hold the numbers of the car: place,
angle and velocities of the hull and of the wheels, and how far and how fast each wheel has turned.
In `laps` a pilot follows the track. Lines `frame SEED STEP PIXELS` hold the picture after so many
steps of that pilot, as the means of squares of eight by eight pixels.
"""

import math
import pathlib
import struct
import sys

import Box2D
import gymnasium
import numpy

from generate import FNV_OFFSET, digest

LONG = 1_000_000


def bits(number):
    return struct.unpack("<Q", struct.pack("<d", number))[0]


class Race:
    """A car on its track; pixels are drawn only where they are looked at."""

    def __init__(self, options, draws=False):
        made = {key: value for key, value in options.items() if key != "world"}
        self.env = gymnasium.make(
            "CarRacing-v3", max_episode_steps=2500, disable_env_checker=True, **made
        )
        self.race = self.env.unwrapped
        self.is_fresh = options.get("world") != "reuse"
        if not draws:
            blank = numpy.zeros((96, 96, 3), dtype=numpy.uint8)
            self.race._render = lambda mode: blank

    def reset(self, seed=None):
        if self.is_fresh:
            self.race.world = Box2D.b2World((0, 0))
            self.race.road = None
        return self.env.reset(seed=seed)[0]

    def numbers(self):
        hull, wheels = self.race.car.hull, self.race.car.wheels
        found = []
        for body in [hull, *wheels]:
            found += [*body.position, body.angle, *body.linearVelocity, body.angularVelocity]
            if body is not hull:
                found += [body.phase, body.omega]
        return [float(number) for number in found]

    def pilot(self):
        """Steers towards a place some tiles ahead of the nearest one."""
        hull = self.race.car.hull
        x, y, track = hull.position[0], hull.position[1], self.race.track
        away = [(px - x) * (px - x) + (py - y) * (py - y) for _, _, px, py in track]
        _, _, to_x, to_y = track[(away.index(min(away)) + 5) % len(track)]
        aside = (to_x - x) * math.cos(hull.angle) + (to_y - y) * math.sin(hull.angle)
        v = hull.linearVelocity
        speed = math.sqrt(v[0] * v[0] + v[1] * v[1])
        steer = min(max(0.1 * aside, -1.0), 1.0)
        if not self.race.continuous:
            return 1 if steer > 0.3 else 2 if steer < -0.3 else 3 if speed < 30.0 else 0
        gas, brake = (0.5, 0.0) if speed < 40.0 else (0.0, 0.1 if speed > 50.0 else 0.0)
        return numpy.array([steer, gas, brake], dtype=numpy.float32)

    def episode(self, seed, word):
        self.reset(seed)
        self.env.action_space.seed(seed)
        yield None, 0.0, 0
        ended, step = False, 0
        while not ended:
            if word == "laps":
                action = self.pilot()
            elif step % 10 == 0:
                action = self.env.action_space.sample()
            _, reward, terminated, truncated, _ = self.env.step(action)
            ended, step = terminated or truncated, step + 1
            yield action, float(reward), int(terminated) | int(truncated) << 1
        # The random numbers go on in the next episode.
        self.reset()
        yield None, 0.0, 0


def episodes(race, word, first, count):
    state, steps, ends = FNV_OFFSET, 0, 0
    for seed in range(first, first + count):
        for action, reward, flags in race.episode(seed, word):
            words = [bits(number) for number in race.numbers()]
            state = digest(state, [*words, bits(reward), flags])
            steps += action is not None
            ends += flags & 1
    return f"{word} {first} {count} {steps} {ends} {state:016x}", steps


def frames(seed, wanted):
    race = Race({}, draws=True)
    race.reset(seed)
    for step in range(1, max(wanted) + 1):
        pixels = race.env.step(race.pilot())[0]
        if step in wanted:
            means = pixels.reshape(12, 8, 12, 8, 3).mean(axis=(1, 3)).round().astype(numpy.uint8)
            yield f"frame {seed} {step} {means.tobytes().hex()}"


def main():
    long = "--long" in sys.argv
    lines = [f"# CarRacing-v3 of Gymnasium {gymnasium.__version__}, Box2D {Box2D.__version__}; see racing.py."]
    variants = [{}, {"continuous": False}, {"world": "reuse"}, {"domain_randomize": True}]
    for options in variants:
        lines.append(" ".join(["options", *(f"{key}={value}" for key, value in options.items())]))
        race = Race(options)
        for word in ("random", "laps"):
            at, steps = 0, 0
            while steps < LONG / 2 if long and not options else at < (2 if options else 4):
                line, more = episodes(race, word, at * 2, 2)
                lines.append(line)
                at, steps = at + 1, steps + more
            print(options, word, steps, "steps", file=sys.stderr)
    lines += [line for seed in (0, 7) for line in frames(seed, (1, 60, 300))]
    folder = pathlib.Path("long") if long else pathlib.Path(__file__).parent
    folder.mkdir(exist_ok=True)
    (folder / "CarRacing-v3.txt").write_text("\n".join(lines).replace("True", "true").replace("False", "false") + "\n")


main()
