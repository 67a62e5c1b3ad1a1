// A graph as Python gives it.
#pragma once
#include <nanobind/nanobind.h>

#include <vector>

#include "plan/graph.h"

namespace galago {

// nodes: (op, name, inputs, shape, attributes, parameters); parameters: (name, shape).
Graph graph_of(const nanobind::list& nodes, const nanobind::list& parameters, std::vector<int> outputs);

}  // namespace galago
