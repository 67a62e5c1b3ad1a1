"""The order of calls and layers. That it is Keras's, the tables of test_summary.py show."""

from __future__ import annotations

from galago import layers
from galago.graph import GraphBuilder
from galago.layers import Input, KerasTensor
from galago.models.topology import topology


def names(tensors: tuple[KerasTensor, ...]) -> list[str]:
    return [f"{tensor.layer.name} {tensor.call}" for tensor in tensors]


def test_a_chain() -> None:
    known = topology(layers.Dense(2)(layers.Dense(3)(Input((4,)))))
    assert known.is_chain
    assert names(known.calls) == ["input_layer 0", "dense_1 0", "dense 0"]
    assert [layer.name for layer in known.layers] == ["input_layer", "dense_1", "dense"]
    assert known.starts == [known.calls[0]]


def test_a_shortcut_is_as_deep_as_the_longest_way() -> None:
    inputs = Input((4,))
    short = layers.Dense(4, name="short")(inputs)
    long = layers.Dense(4, name="long2")(layers.Dense(4, name="long1")(inputs))
    for order, second in (([short, long], ["short 0", "long2 0"]), ([long, short], None)):
        known = topology(layers.Add(name="sum")(order))
        assert not known.is_chain
        second = second or ["long2 0", "short 0"]
        assert names(known.calls) == ["input_layer 0", "long1 0", *second, "sum 0"]


def test_a_layer_on_two_branches_runs_as_in_keras() -> None:
    # Keras 3.15: the calls that the last layer reads in its order, those before them turned round.
    norm, dense = layers.BatchNormalization(), layers.Dense(3)
    ends = [dense(norm(Input((4,)))) for _ in range(2)]
    known = topology(layers.Concatenate(name="sum")(ends))
    found = [name for name in names(known.calls) if not name.startswith(("input", "sum"))]
    assert found == [f"{norm.name} 1", f"{norm.name} 0", f"{dense.name} 0", f"{dense.name} 1"]


def test_every_call_stands_behind_what_it_reads() -> None:
    relu, pool = layers.ReLU(), layers.MaxPooling2D(1)
    x = inputs = Input((4, 4, 2))
    for number in range(4):
        x = layers.Add(name=f"sum{number}")([relu(x), pool(relu(inputs)), x])
    known = topology(x)
    assert len(known.calls) == 1 + 4 * 4
    assert len(known.layers) == 1 + 2 + 4
    for place, tensor in enumerate(known.calls):
        assert set(tensor.inputs) <= set(known.calls[:place])
    assert known.calls[-1] is x
    assert [tensor.call for tensor in known.calls_of[relu]] == list(range(8))
    assert not known.is_chain


def test_only_what_leads_to_the_output_counts() -> None:
    inputs = Input((4,))
    layers.Dense(7)(inputs)
    assert len(topology(layers.Dense(2)(inputs)).layers) == 2


def test_a_tensor_read_twice_is_no_chain() -> None:
    inputs = Input((4,))
    assert not topology(layers.Add()([inputs, inputs])).is_chain


def test_a_deep_model_needs_no_deep_stack() -> None:
    x, relu = Input((4,)), layers.ReLU()
    for _ in range(3000):
        x = relu(x)
    assert len(topology(x).calls) == 3001


def test_lowering_calls_in_order() -> None:
    inputs = Input((4, 4, 2), name="image")
    conv = layers.Conv2D(2, 3, padding="same", name="conv")(inputs)
    x = layers.BatchNormalization(name="norm")(conv)
    builder = GraphBuilder()
    start = builder.add("input", "image", (), (4, 4, 2))
    end = layers.Flatten(name="flat")(layers.Add(name="sum")([x, inputs]))
    graph = builder.finish(topology(end).lower(builder, {inputs: start})[end])
    assert [(node.op, node.name, node.inputs) for node in graph.nodes] == [
        ("input", "image", ()),
        ("conv", "conv", (0,)),
        ("batch_norm", "norm", (1,)),
        ("add", "sum", (2, 0)),
        ("flatten", "flat", (3,)),
    ]
    assert graph.outputs == (4,)
