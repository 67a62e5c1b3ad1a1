#pragma once
#include <nanobind/nanobind.h>

namespace galago {

void init_image(nanobind::module_& m);
void init_session(nanobind::module_& m);

}  // namespace galago
