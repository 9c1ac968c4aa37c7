"""Writes the same curves for several programs with a screen: MOMENTS moments of METRICS metrics.

    python screen_data.py FOLDER [MOMENTS [METRICS]]

FOLDER/tensorboard gets event files, and FOLDER/wandb an offline run if wandb is installed. The
curves are noise around a bend, the same each time.
"""

import math
import os
import struct
import sys


def crc_table():
    table = []
    for byte in range(256):
        for _ in range(8):
            byte = byte >> 1 ^ (0x82F63B78 if byte & 1 else 0)
        table.append(byte)
    return table


TABLE = crc_table()


def masked_crc(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def varint(number):
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def field(number, payload):
    return varint(number << 3 | 2) + varint(len(payload)) + payload


def event(step, values):
    scalar = lambda name, value: field(1, name.encode()) + b"\x15" + struct.pack("<f", value)
    summary = b"".join(field(1, scalar(name, value)) for name, value in values.items())
    body = b"\x09" + struct.pack("<d", 1.7e9 + step) + b"\x10" + varint(step)
    return body + (field(5, summary) if values else field(3, b"brain.Event:2"))


def record(data):
    length = struct.pack("<Q", len(data))
    masked = lambda part: struct.pack("<I", masked_crc(part))
    return length + masked(length) + data + masked(data)


def values(step, moments, metrics):
    part = step / moments
    out = {}
    for metric in range(metrics):
        noise = math.sin(12.9898 * (step * (metric + 1) % 78233)) * 43758.5453 % 1.0
        out[f"train/metric-{metric}"] = 100 * part * (2 - part) + 20 * noise
    return out


def main():
    folder = sys.argv[1]
    moments = int(sys.argv[2]) if len(sys.argv) > 2 else 20_000
    metrics = int(sys.argv[3]) if len(sys.argv) > 3 else 12
    board = os.path.join(folder, "tensorboard", "run")
    os.makedirs(board, exist_ok=True)
    with open(os.path.join(board, "events.out.tfevents.1700000000.bench"), "wb") as out:
        out.write(record(event(0, {})))
        for step in range(1, moments + 1):
            out.write(record(event(step, values(step, moments, metrics))))
    try:
        import wandb
    except ImportError:
        print("wandb is not installed; only event files were written")
        return
    place = os.path.join(folder, "wandb")
    os.makedirs(place, exist_ok=True)
    run = wandb.init(project="bench", mode="offline", dir=place, settings={"silent": True})
    for step in range(1, moments + 1):
        run.log(values(step, moments, metrics), step=step)
    run.finish()


if __name__ == "__main__":
    main()
