"""What the Python rivals share: the search for the best number of lanes, and the line of result."""

import json
import sys
import time

import numpy

MUJOCO = """Ant-v5 HalfCheetah-v5 Hopper-v5 Humanoid-v5 HumanoidStandup-v5 InvertedDoublePendulum-v5
InvertedPendulum-v5 Pusher-v5 Reacher-v5 Swimmer-v5 Walker2d-v5""".split()


def worlds_and_seconds(worlds):
    """The worlds to run, all or the one named first on the command line, and the time for each."""
    chosen = sys.argv[1] if len(sys.argv) > 1 else None
    seconds = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
    return [world for world in worlds if chosen in (None, world)], seconds


def actions(space, lanes, rows=64):
    """Rows of random actions, drawn before the clock starts and used in turn."""
    draw = numpy.random.default_rng(0)
    if hasattr(space, "n"):
        return list(draw.integers(space.n, size=(rows, lanes)).astype(space.dtype))
    shape = (rows, lanes, *space.shape)
    return list(draw.uniform(space.low, space.high, size=shape).astype(space.dtype))


def speed(step, rows, lanes, seconds):
    """Steps over all lanes, in a second of the clock and in one of all processors together."""
    start, start_cpu = time.perf_counter(), time.process_time()
    steps = 0
    while (spent := time.perf_counter() - start) < seconds:
        for row in rows[:8]:
            step(row)
        rows = rows[8:] + rows[:8]
        steps += 8 * lanes
    return steps / spent, steps / (time.process_time() - start_cpu)


def best(trial, candidates, seconds):
    """The lanes at which `trial(lanes, seconds)` is fastest, and the speeds there.

    Processor time decides, so that a busy moment of the machine does not."""
    lanes = max(candidates, key=lambda lanes: trial(lanes, seconds / 10)[1])
    return lanes, trial(lanes, seconds)


def report(rival, world, lanes, speeds):
    steps_per_s, steps_per_cpu_s = (round(speed) for speed in speeds)
    line = {"rival": rival, "world": world, "lanes": lanes, "steps_per_s": steps_per_s}
    print(json.dumps({**line, "steps_per_cpu_s": steps_per_cpu_s}), flush=True)
