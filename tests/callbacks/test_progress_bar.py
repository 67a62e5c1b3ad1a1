"""The bar: what it draws, when, and how it ends."""

from __future__ import annotations

import io

from galago.callbacks.progress_bar import ProgressBar
from galago.training import events as ev

FULL = "━" * 20


class Screen:
    """A bar on a stream with a clock that stands still until told."""

    def __init__(self, *, colour: bool = False, columns: int | None = None) -> None:
        self.stream = io.StringIO()
        self.now = 100.0
        bar = ProgressBar(
            self.stream, colour=colour, columns=lambda: columns, clock=lambda: self.now
        )
        self.handle = bar.handlers()

    def show(self, event: ev.Event, now: float | None = None) -> str:
        """What an event writes."""
        self.now = self.now if now is None else now
        self.stream.seek(0)
        self.stream.truncate()
        if type(event) in self.handle:
            self.handle[type(event)](event)
        return self.stream.getvalue()


def step(number: int, steps: int = 40, loss: float = 0.5) -> ev.StepEnd:
    return ev.StepEnd(0, number, steps, {"loss": loss})


def test_an_epoch() -> None:
    screen = Screen()
    assert screen.show(ev.EpochBegin(0, 5, 40)) == "Epoch 1/5\n"
    assert screen.show(step(0), 101.0) == (
        "\r 1/40 ━━━━━━━━━━━━━━━━━━━━ 39s 1s/step - loss: 0.5000"
    )
    # From the second step on the first one, which warms up, does not count.
    assert screen.show(step(9), 101.9) == (
        "\r10/40 ━━━━━━━━━━━━━━━━━━━━ 3s 100ms/step - loss: 0.5000"
    )
    assert screen.show(step(39), 104.9) == f"\r40/40 {FULL} 0s 100ms/step - loss: 0.5000"
    logs = {"loss": 0.25, "val_loss": 0.125}
    assert screen.show(ev.EpochEnd(0, 5, 40, logs), 106.0) == (
        f"\r40/40 {FULL} 6s 100ms/step - loss: 0.2500 - val_loss: 0.1250\n"
    )


def test_an_epoch_of_unknown_length_is_shown_as_keras_does() -> None:
    """What Keras 3.15.1 writes, without its backspaces; the time is what has passed."""
    screen = Screen(colour=True)
    screen.show(ev.EpochBegin(0, 1, None))
    first, second = (ev.StepEnd(0, number, None, {"loss": 0.5}) for number in (0, 41))
    assert screen.show(first, 102.0) == "\r      1/Unknown \x1b[1m2s\x1b[0m 2s/step - loss: 0.5000"
    assert screen.show(second, 106.1) == (
        "\r     42/Unknown \x1b[1m6s\x1b[0m 100ms/step - loss: 0.5000"
    )
    assert screen.show(ev.EpochEnd(0, 1, 42, {"loss": 0.25}), 106.2) == (
        f"\r\x1b[1m42/42\x1b[0m \x1b[32m{FULL}\x1b[0m\x1b[37m\x1b[0m "
        "\x1b[1m6s\x1b[0m 100ms/step - loss: 0.2500\n"
    )


def test_a_narrow_terminal_and_an_unknown_length() -> None:
    screen = Screen(columns=40)
    screen.show(ev.EpochBegin(0, 1, None))
    text = screen.show(ev.StepEnd(0, 0, None, {"loss": 0.5, "accuracy": 0.5}), 102.0)
    assert text == "\r      1/Unknown 2s 2s/step - loss: 0.50"
    assert len(text) == 40


def test_a_single_epoch_has_no_title() -> None:
    assert Screen().show(ev.EpochBegin(0, 1, 40)) == ""


def test_it_is_drawn_at_most_every_twentieth_of_a_second() -> None:
    screen = Screen()
    screen.show(ev.EpochBegin(0, 1, 1000))
    drawn = [bool(screen.show(step(i, 1000), 100.0 + i / 64)) for i in range(11)]
    assert drawn == [i % 4 == 0 for i in range(11)]


def test_the_colours_are_keras() -> None:
    screen = Screen(colour=True)
    screen.show(ev.EpochBegin(0, 1, 4))
    assert screen.show(step(0, 4), 100.002) == (
        "\r\x1b[1m1/4\x1b[0m \x1b[32m━━━━━\x1b[0m\x1b[37m━━━━━━━━━━━━━━━\x1b[0m "
        "\x1b[1m0s\x1b[0m 2ms/step - loss: 0.5000"
    )


def test_a_shorter_line_covers_the_longer_one() -> None:
    screen = Screen()
    screen.show(ev.EpochBegin(0, 1, 40))
    long = screen.show(step(0, loss=12345.0), 101.0)
    short = screen.show(step(1, loss=1.0), 102.0)
    assert len(short) == len(long)
    assert short.endswith("loss: 1.0000    ")


def test_a_narrow_terminal_takes_the_bar_then_the_end() -> None:
    texts = []
    for columns in (80, 45, 30):
        screen = Screen(columns=columns)
        screen.show(ev.EpochBegin(0, 1, 40))
        texts.append(screen.show(step(19), 102.0))
    assert texts == [
        f"\r20/40 {FULL} 2s 105ms/step - loss: 0.5000",
        "\r20/40 ━━━━━━━━━ 2s 105ms/step - loss: 0.5000",
        "\r20/40  2s 105ms/step - loss: ",
    ]


def test_validation_within_training_is_silent() -> None:
    screen = Screen()
    screen.show(ev.EpochBegin(0, 1, 40))
    assert screen.show(ev.EvaluateBegin(3, training=True)) == ""
    assert screen.show(ev.EvaluateStepEnd(0, 3, {"loss": 1.0}, training=True), 105.0) == ""
    assert screen.show(ev.EvaluateEnd(3, {"loss": 1.0}, training=True)) == ""


def test_evaluate() -> None:
    screen = Screen()
    assert screen.show(ev.EvaluateBegin(4, training=False)) == ""
    assert screen.show(ev.EvaluateStepEnd(0, 4, {"loss": 1.0}, training=False), 101.0) == (
        f"\r1/4 {FULL} 3s 1s/step - loss: 1.0000"
    )
    assert screen.show(ev.EvaluateEnd(4, {"loss": 2.0}, training=False)) == (
        f"\r4/4 {FULL} 1s 1s/step - loss: 2.0000\n"
    )


def test_predict() -> None:
    screen = Screen()
    screen.show(ev.PredictBegin(2))
    text = screen.show(ev.PredictStepEnd(0, 2, None), 100.5)  # type: ignore[arg-type]
    assert text == f"\r1/2 {FULL} 0s 500ms/step"
    assert screen.show(ev.PredictEnd(2)) == f"\r2/2 {FULL} 0s 500ms/step\n"


def test_an_interrupted_line_is_ended() -> None:
    screen = Screen()
    screen.show(ev.EpochBegin(0, 1, 40))
    assert screen.show(ev.Aborted()) == ""
    screen.show(step(0), 101.0)
    assert screen.show(ev.Aborted()) == "\n"
    assert screen.show(ev.Aborted()) == ""


def test_an_output_without_the_bars_character() -> None:
    stream = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    bar = ProgressBar(stream, colour=False, columns=lambda: None)
    bar.handlers()[ev.PredictBegin](ev.PredictBegin(1))
    bar.handlers()[ev.PredictEnd](ev.PredictEnd(1))
    stream.seek(0)
    assert "=" * 20 in stream.read()
