// The extension module galago._core. Nothing but galago/engine.py imports it.
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include "base/integers.h"
#include "bindings/bindings.h"
#include "bindings/working.h"
#include "cpu/cpu.h"
#include "exec/peak.h"
#include "threads/pool.h"

namespace nb = nanobind;
using namespace nb::literals;

namespace {

// The Python class that EngineError becomes; engine.py sets it once.
nb::object& error_class() {
  static nb::object* object = new nb::object();
  return *object;
}

void init_cpu(nb::module_& m) {
  m.def("cpu_info", [] {
    const galago::CpuInfo& info = galago::cpu_info();
    nb::dict d;
    d["model"] = info.model;
    d["cores"] = info.cores;
    d["l1d_bytes"] = info.l1d_bytes;
    d["l2_bytes"] = info.l2_bytes;
    d["l3_bytes"] = info.l3_bytes;
    return d;
  });
  m.def("isas", [] {
    std::vector<std::string> names;
    for (const galago::KernelTable* table : galago::kernel_tables()) names.emplace_back(table->isa);
    return names;
  });
  m.def("isa", [](const std::string& name) { return std::string(galago::kernel_table(name).isa); }, "name"_a);
  m.def(
      "peak",
      [](const std::string& name) {
        const galago::KernelTable& table = galago::kernel_table(name);
        const galago::Working working;
        return galago::measured_peak(table);
      },
      "isa"_a);
  m.def("set_threads", &galago::Pool::resize, "threads"_a);
  m.def("get_threads", &galago::Pool::size);
}

}  // namespace

NB_MODULE(_core, m) {
  nb::register_exception_translator([](const std::exception_ptr& p, void*) {
    try {
      std::rethrow_exception(p);
    } catch (const galago::EngineError& e) {
      PyErr_SetString(error_class().is_valid() ? error_class().ptr() : PyExc_RuntimeError, e.what());
    }
  });
  m.def("set_error_class", [](nb::object cls) { error_class() = std::move(cls); }, "cls"_a);
  m.def("close", &galago::Working::close);
  init_cpu(m);
  galago::init_image(m);
  galago::init_session(m);
}
