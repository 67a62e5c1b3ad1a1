// Arrays as Python gives them.
#pragma once
#include <nanobind/ndarray.h>

#include <string>

#include "base/error.h"
#include "kernels/args.h"

namespace galago {

using Array = nanobind::ndarray<nanobind::ro, nanobind::c_contig, nanobind::device::cpu>;

inline InputType type_of(const nanobind::dlpack::dtype& dtype, const char* what) {
  if (dtype == nanobind::dtype<uint8_t>()) return InputType::u8;
  if (dtype == nanobind::dtype<float>()) return InputType::f32;
  if (dtype == nanobind::dtype<double>()) return InputType::f64;
  throw EngineError(std::string(what) + " must be uint8, float32 or float64.");
}

}  // namespace galago
