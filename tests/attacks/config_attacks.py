"""Configurations that name code, or describe models that nobody could hold.

The first ones are what Keras was taken in by: CVE-2024-3660, CVE-2025-1550, CVE-2025-8747,
CVE-2025-9905, CVE-2025-9906, CVE-2025-12058, CVE-2026-0897, CVE-2026-1462, CVE-2026-1669 and
CVE-2026-12479 all opened a file that told the loader what to import, call, fetch or allocate.
"""

from __future__ import annotations

from attack import Attack, Attacks
from descriptions import layer, thing, told, whole
from good import with_config, with_layer

NO_LAYER, NONE_OF_GALAGO = "no layer of Galago", "none of Galago"

ATTACKS: Attacks = {
    "a Lambda": Attack(layer("keras.layers", "Lambda", function="evil"), NO_LAYER),
    "a Lambda of bytecode": Attack(
        layer(
            "keras.layers",
            "Lambda",
            function={"class_name": "__lambda__", "config": {"code": "4wEAAAA=", "defaults": None}},
        ),
        NO_LAYER,
    ),
    "a lambda as activation": Attack(
        with_layer(activation={"class_name": "__lambda__", "config": {"code": "4wEA"}}),
        "expected a known activation",
    ),
    "a function as activation": Attack(
        with_layer(activation=thing("builtins", "function", "function", name="eval")),
        "expected a known activation",
    ),
    "a module and a name as activation": Attack(
        with_layer(activation={"module": "os", "class_name": "function", "config": "system"}),
        "expected a known activation",
    ),
    "a path of names as activation": Attack(
        with_layer(activation="keras.src.utils.get_file"), "expected a known activation"
    ),
    "an attribute as activation": Attack(
        with_layer(activation="__class__.__init__.__globals__"), "expected a known activation"
    ),
    "os.system as layer": Attack(layer("os", "system", command="id"), NO_LAYER),
    "subprocess.Popen as layer": Attack(layer("subprocess", "Popen", args=["id"]), NO_LAYER),
    "eval as layer": Attack(layer("builtins", "eval", source="1"), NO_LAYER),
    "exec as registered name": Attack(layer("keras.layers", "Dense", "exec", units=3), NO_LAYER),
    "a registered class of a package": Attack(
        layer("my_package", "Dense", "my_package>Dense", units=3), NO_LAYER
    ),
    "a known name in a strange module": Attack(layer("os.path", "Dense", None, units=3), NO_LAYER),
    "a module that begins like Keras": Attack(layer("keras_evil", "Dense", units=3), NO_LAYER),
    "a module that is a path": Attack(layer("../../tmp/evil", "Dense", units=3), NO_LAYER),
    "a module that is a list": Attack(layer(["os"], "Dense", units=3), NO_LAYER),
    "get_file as layer": Attack(
        layer("keras.src.utils.file_utils", "get_file", origin="http://localhost/x"), NO_LAYER
    ),
    "get_file as loss": Attack(
        told(loss=thing("keras.utils", "get_file", "get_file", origin="http://localhost/x")),
        NONE_OF_GALAGO,
    ),
    "load_model as layer": Attack(
        layer("keras.models", "load_model", filepath="/etc/passwd"), NO_LAYER
    ),
    "enable_unsafe_deserialization as layer": Attack(
        layer("keras.config", "enable_unsafe_deserialization"), NO_LAYER
    ),
    "a TFSMLayer, which loads another model": Attack(
        layer("keras.layers", "TFSMLayer", filepath="/tmp/evil"), NO_LAYER
    ),
    "a TorchModuleWrapper, which unpickles": Attack(
        layer("keras.layers", "TorchModuleWrapper", module="gASVIAA="), NO_LAYER
    ),
    "a StringLookup of a file": Attack(
        layer("keras.layers", "StringLookup", vocabulary="/etc/passwd"), NO_LAYER
    ),
    "a TextVectorization of a file": Attack(
        layer("keras.layers", "TextVectorization", vocabulary="/etc/passwd"), NO_LAYER
    ),
    "os as module of the model": Attack(whole("os", "system"), "a model of class 'system'"),
    "a class of the user as model": Attack(whole("evil", "Net", "evil>Net"), "class 'Net'"),
    "a model class that is a list": Attack(whole("keras", ["Sequential"]), "a model of class"),
    "a function as loss": Attack(
        told(loss=thing("builtins", "function", "function", name="exec")), NONE_OF_GALAGO
    ),
    "a function's name as loss": Attack(told(loss="os.system"), "os.system"),
    "a function as metric": Attack(
        told(metrics=[thing("builtins", "function", "function", name="exec")]), NONE_OF_GALAGO
    ),
    "a module as optimizer": Attack(told(optimizer=thing("os", "system")), NONE_OF_GALAGO),
    "a lambda as learning rate": Attack(
        told(
            optimizer=thing(
                "keras.optimizers", "Adam", learning_rate={"class_name": "__lambda__", "config": {}}
            )
        ),
        NONE_OF_GALAGO,
    ),
    "a module as initializer": Attack(
        with_layer(kernel_initializer=thing("os", "system", command="id")), NONE_OF_GALAGO
    ),
    "a module as regularizer": Attack(
        with_layer(kernel_regularizer=thing("builtins", "exec")), NONE_OF_GALAGO
    ),
    "a module as constraint": Attack(
        with_layer(bias_constraint=thing("builtins", "exec")), NONE_OF_GALAGO
    ),
    "a module as number type": Attack(
        with_layer(dtype=thing("os", "system", name="float32")), "net", error=None
    ),
    "an object as number type": Attack(
        with_layer(dtype={"class_name": 3, "config": 4}), error=None
    ),
    "a pickle as number type": Attack(with_layer(dtype="O"), "computes in O"),
    "private arguments": Attack(
        with_layer(__class__="x", __init__="y", _weights=[1]), "__class__='x'"
    ),
    "a name of a shared object": Attack(
        with_config(lambda c: c["config"]["layers"][1].update(shared_object_id=[{}])), error=None
    ),
    "the same shared object twice": Attack(
        with_config(lambda c: [part.update(shared_object_id=1) for part in c["config"]["layers"]]),
        error=None,
    ),
}
