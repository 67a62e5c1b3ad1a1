"""A program that kills trainings at random moments and starts them again: see test_killed.py.

Arguments: a folder, how many kills, a seed. Each training runs in a process of its own, forked so
that it need not import anything, and is ended by SIGKILL. Prints how often that hit and how many
trainings came to their end; fails if one ended in another way than one that was left alone.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import sys
import time
from pathlib import Path

import numpy as np

import galago
from galago import callbacks, layers, models

EPOCHS, BATCH = 20, 8


def train(folder: Path, threads: int, frequency: str | int) -> str:
    """Train a small network with all that has a state; return a sum of everything that came out."""
    galago.set_threads(threads)
    model = models.Sequential(
        [
            layers.RandomRotation(0.1, input_shape=(8, 8, 1)),
            layers.RandomContrast(0.2, (0, 1)),
            layers.Conv2D(4, 3, activation="relu"),
            layers.BatchNormalization(),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(3, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    draw = np.random.default_rng(1)
    x = draw.random((60, 8, 8, 1), np.float32)
    y = (x.mean(axis=(1, 2, 3)) * 30).astype(int) % 3
    log = folder / "log.csv"
    watching = [
        callbacks.BackupAndRestore(folder / "backup", frequency),
        callbacks.LearningRateScheduler(lambda epoch, rate: rate * 0.97),
        callbacks.ReduceLROnPlateau(patience=1, factor=0.7),
        callbacks.EarlyStopping(patience=15, restore_best_weights=True),
        callbacks.CSVLogger(log),
    ]
    history = model.fit(x, y, BATCH, EPOCHS, 0, watching, validation_split=0.2)
    values = [*model.get_weights(), *model.get_optimizer_state()]
    told = json.dumps([history.epoch, history.history, model.optimizer.learning_rate])
    return hashlib.sha256(
        b"".join(value.tobytes() for value in values) + told.encode() + log.read_bytes()
    ).hexdigest()


def start(folder: Path, threads: int, frequency: str | int) -> int:
    """Train in another process, which leaves its result in a file; return its number."""
    process = os.fork()
    if process == 0:
        status = 1
        try:
            galago.set_seed(11)
            (folder / "result").write_text(train(folder, threads, frequency))
            status = 0
        finally:
            os._exit(status)
    return process


def main() -> None:
    folder, kills, draw = Path(sys.argv[1]), int(sys.argv[2]), random.Random(int(sys.argv[3]))
    alone = folder / "alone"
    alone.mkdir()
    began = time.perf_counter()
    assert os.waitpid(start(alone, 1, "epoch"), 0)[1] == 0
    seconds = time.perf_counter() - began
    truth = (alone / "result").read_text()
    killed = chains = 0
    while killed < kills:
        place = folder / str(chains)
        place.mkdir()
        while True:
            process = start(place, draw.choice([1, 2, 3]), draw.choice(["epoch", 1, 4]))
            if killed < kills:
                time.sleep(draw.random() * seconds * 0.4)
                os.kill(process, signal.SIGKILL)
            status = os.waitpid(process, 0)[1]
            if status == 0:
                break
            assert os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL, status
            killed += 1
        assert (place / "result").read_text() == truth, place
        assert not (place / "backup").exists()
        chains += 1
    print(killed, chains)


if __name__ == "__main__":
    main()
