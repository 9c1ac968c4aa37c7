"""Reads what a session was exported as, and prints what it found as one line of JSON.

    python exports.py FOLDER
"""

import csv
import json
import math
import os
import sys
import xml.etree.ElementTree as xml

from PIL import Image
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator


def main():
    place = lambda name: os.path.join(sys.argv[1], name)
    with open(place("a.csv"), newline="") as table:
        rows = list(csv.DictReader(table))
    with open(place("a.jsonl")) as lines:
        entries = [json.loads(line) for line in lines]
    episodes = sum(entry["event"] == "episode" for entry in entries)

    # Each curve is in TensorBoard what it is in the table, to the precision of its numbers.
    board = EventAccumulator(place("board"), size_guidance={"scalars": 0})
    board.Reload()
    curves = board.Tags()["scalars"]
    for name in curves:
        points = [(row["steps"], row[name]) for row in rows if row[name]]
        told = board.Scalars(name)
        assert len(told) == len(points), name
        for event, (steps, value) in zip(told, points):
            assert event.step == int(steps), name
            assert math.isclose(event.value, float(value), rel_tol=1e-6, abs_tol=1e-6), name

    drawing = xml.parse(place("a.svg")).getroot()
    assert drawing.tag.endswith("svg") and len(list(drawing.iter())) > 10
    with Image.open(place("a.png")) as picture:
        picture.load()
        assert len(picture.getcolors(1 << 24)) > 3, "there is something to see"
    with Image.open(place("a.gif")) as film:
        frames = film.n_frames
        for frame in range(frames):
            film.seek(frame)
            film.load()
    with open(place("a.cast")) as lines:
        head, *events = [json.loads(line) for line in lines]
    assert head["version"] == 3 and all(len(event) == 3 for event in events)
    steps = int(rows[-1]["steps"])
    print(json.dumps({"episodes": episodes, "steps": steps, "curves": len(curves), "frames": frames}))


if __name__ == "__main__":
    main()
