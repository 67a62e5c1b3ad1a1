// A host in Python.
#pragma once
#include <nanobind/nanobind.h>

#include <memory>

#include "exec/host.h"

namespace galago {

// Of a function (node, training, inputs, parameters, gradient or None) that returns a list of arrays, or None in place
// of those that are not there. Null for None.
std::unique_ptr<Host> host_of(nanobind::object function, bool float64);

}  // namespace galago
