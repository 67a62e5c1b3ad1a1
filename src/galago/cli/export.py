"""`galago export`: a saved network for other programs."""

from __future__ import annotations

from pathlib import Path

from galago.cli.options import require_folder, require_suffix

_SUFFIXES = (".onnx", ".safetensors", ".weights.h5")


def export(model: Path, output: Path, /) -> None:
    """Write a saved network for other programs.

    The name of the file says what it is: .onnx is the network for ONNX Runtime,
    OpenVINO and others; .safetensors and .weights.h5 are the weights alone.

    For example:

      galago export pets.keras pets.onnx
      galago export pets.keras pets.safetensors
      galago export pets.keras pets.weights.h5

    Parameters
    ----------
    model
        A .keras file of Galago or of Keras 3.
    output
        What to write: a name that ends in .onnx, .safetensors or .weights.h5.
    """
    require_suffix(output, _SUFFIXES, "galago export")
    require_folder(output, "galago export")

    from galago.cli.output import megabytes, printable
    from galago.models import load_model

    loaded = load_model(model, compile=False)
    if output.suffix == ".onnx":
        loaded.export(output)
        what = f"takes {loaded.input_shape}, gives {loaded.output_shape}"
    else:
        loaded.save_weights(output)
        what = f"{len(loaded.weights)} arrays, {loaded.count_params():,} numbers"
    size = megabytes(output.stat().st_size)
    print(f"Saved to {printable(str(output))} ({size}): {what.replace('None', 'n')}.")
