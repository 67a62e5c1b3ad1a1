#pragma once
#include <nanobind/nanobind.h>

namespace galago {

void init_session(nanobind::module_& m);

}  // namespace galago
