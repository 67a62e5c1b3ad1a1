"""`galago train`, as a program, on a terminal, and its parts."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from galago import applications, engine
from galago.cli import main
from galago.cli.training import fingerprint, scaled
from galago.datasets import fashion_mnist
from galago.models import load_model

Galago = Callable[..., Any]
SMALL = ("train", "--filters", "4", "--epochs", "2")


@pytest.fixture(scope="module")
def piped(galago_piped: Galago) -> Any:
    return galago_piped(*SMALL, "--threads", "2")


def test_piped_output_has_no_control_codes(piped: Any) -> None:
    assert (piped.code, piped.err) == (0, "")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", piped.out)
    assert not re.search(r" $", piped.out, re.MULTILINE)


def test_piped_output_says_what_was_done(piped: Any) -> None:
    lines = piped.out.splitlines()
    assert lines[0] == "Fashion-MNIST: 10,000 images to train on, 2,000 to test."
    assert lines[1].startswith("All 70,000: galago train --full (")
    assert " Total params: 14,406 (56.27 KB)" in lines
    training = f"Training with batches of 32, seed 0, {engine.isa()} instructions, 2 threads"
    assert training in lines
    pattern = r"Training took [\d.]+ s: [\d.]+ s an epoch, [\d,]+ images a second\."
    assert any(re.fullmatch(pattern, line) for line in lines)


def test_piped_output_has_a_line_for_each_epoch(piped: Any) -> None:
    pattern = r"^Epoch \d/2 - \d+s \d+[mu]?s/step - accuracy: 0\.\d{4} - loss: [01]\.\d{4}$"
    assert len(re.findall(pattern, piped.out, re.MULTILINE)) == 2
    assert piped.out.count("Epoch") == 2


def test_the_table_of_classes_adds_up(piped: Any) -> None:
    table, confused, _ = (part.splitlines() for part in piped.out.split("\n\n")[-3:])
    assert table[0].split() == (
        ["Class", "Images", "Correct", "Recall", "Precision", "Most", "often", "taken", "for"]
    )
    names = [row[: table[0].index("Images") - 2].rstrip() for row in table[1:]]
    assert names == [*fashion_mnist.CLASS_NAMES, "All"]
    images, correct, recall = zip(
        *(re.findall(r"[\d,.]+%?", row.split("  ", 1)[1])[:3] for row in table[1:]), strict=True
    )
    numbers = [[int(text.replace(",", "")) for text in column] for column in (images, correct)]
    for *classes, total in numbers:
        assert sum(classes) == total
    assert numbers[0] == [200] * 10 + [2000]
    assert list(recall) == [f"{hits / total:.1%}" for total, hits in zip(*numbers, strict=True)]
    assert confused[0] == "Most often confused:" and len(confused) == 4
    assert re.fullmatch(r"  \S+ taken for \S+ \(\d+ of 200\)", confused[1])
    accuracy = re.search(r"^Test accuracy: (0\.\d{4}), loss: 0\.\d{4}$", piped.out, re.MULTILINE)
    assert accuracy is not None
    assert float(accuracy[1]) == numbers[1][-1] / 2000
    assert 0.6 < float(accuracy[1]) < 0.95


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(["train", "--epochs", "1", *arguments]) == 0
    return capsys.readouterr().out


def test_threads_and_instructions_do_not_change_the_weights(
    few_images: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    last = set()
    for threads, isa in enumerate(engine.available_isas(), start=1):
        monkeypatch.setenv("GALAGO_ISA", isa)
        out = run(capsys, "--filters", "4", "--threads", str(threads))
        assert f" {isa} instructions, {threads} thread" in out
        last.add(out.splitlines()[-1])
    assert len(last) == 1
    assert re.fullmatch(r"Fingerprint of the weights: [0-9a-f]{32}", last.pop())


def test_the_seed_decides_the_weights(few_images: int, capsys: pytest.CaptureFixture[str]) -> None:
    first, again, other = (
        run(capsys, "--filters", "1", "--seed", seed).splitlines()[-1] for seed in "112"
    )
    assert first == again != other


def test_the_full_set(
    few_images: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, load = [], fashion_mnist.load_data

    def watched(subset: bool = False) -> Any:
        asked.append(subset)
        return load(subset=subset)

    monkeypatch.setattr(fashion_mnist, "load_data", watched)
    assert "All 70,000" not in run(capsys, "--filters", "1", "--full")
    assert "All 70,000" in run(capsys, "--filters", "1")
    assert asked == [False, True]


def test_the_baseline(few_images: int, capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, "--dense", "--batch-size", "100", "--threads", "1")
    assert " Total params: 101,770 (397.54 KB)" in out
    assert "Training with batches of 100, seed 0, " in out
    assert "instructions, 1 thread\n" in out
    assert engine.get_threads() == 1


def test_the_network_is_kept_and_takes_pixels(
    few_images: int, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    for options in (["--filters", "2"], ["--dense"]):
        path = tmp_path / "clothes.keras"
        out = run(capsys, *options, "-o", str(path))
        assert re.search(r"\nSaved to .*clothes\.keras \([\d.]+ [kM]B\)\. Try: galago predict", out)
        model = load_model(path)
        assert model.class_names == fashion_mnist.CLASS_NAMES
        _, (images, labels) = fashion_mnist.load_data(subset=True)
        accuracy = model.evaluate(images[..., None], labels, verbose=0, return_dict=True)
        assert f"Test accuracy: {accuracy['accuracy']:.4f}, " in out


def test_a_terminal_shows_a_bar_and_colours(galago_terminal: Galago) -> None:
    shown = galago_terminal("train", "--filters", "1", "--epochs", "1")
    assert shown.code == 0
    assert "\r\x1b[1m  1/313" in shown.out
    assert "\r\x1b[1m313/313" in shown.out
    assert re.search(r"\x1b\[1m *Most often taken for", shown.out)
    lines = re.sub(r"\x1b\[[\d;]*m", "", shown.out).replace("\r\n", "\n").split("\n")
    assert max(len(line.split("\r")[-1].rstrip()) for line in lines) <= 80


def test_a_dumb_terminal_gets_text_only(galago_terminal: Galago) -> None:
    shown = galago_terminal("train", "--filters", "1", "--epochs", "1", TERM="dumb")
    assert shown.code == 0
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", shown.out.replace("\r\n", "\n"))


def test_pixels_are_scaled_as_the_course_does_it() -> None:
    (images, _), _ = fashion_mnist.load_data(subset=True)
    inputs = scaled(images[:100], applications.reference(1))
    assert inputs.shape == (100, 28, 28, 1)
    assert inputs.dtype == "float32"
    assert (inputs[..., 0] == (images[:100] / 255.0).astype("float32")).all()
    assert scaled(images[:3], applications.dense_baseline()).shape == (3, 28, 28)


def test_the_fingerprint_sees_every_weight() -> None:
    model = applications.dense_baseline()
    before = fingerprint(model)
    assert fingerprint(model) == before
    weights = model.get_weights()
    weights[-1][-1] += 1e-6
    model.set_weights(weights)
    assert fingerprint(model) != before
