#include "bindings/host.h"

#include <nanobind/ndarray.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/vector.h>

#include "base/error.h"

namespace nb = nanobind;

namespace galago {
namespace {

using Result = nb::ndarray<nb::ro, nb::c_contig, nb::device::cpu>;

class PythonHost final : public Host {
 public:
  PythonHost(nb::object function, bool float64) : function_(std::move(function)), float64_(float64) {}

  void run(HostCall call, const std::function<void(size_t, const void*)>& take) override {
    const nb::gil_scoped_acquire gil;
    const nb::object gradient = call.backward ? array(std::move(call.gradient)) : nb::none();
    const nb::object found =
        function_(call.node, call.training, list(std::move(call.inputs)), list(std::move(call.parameters)), gradient);
    const auto results = nb::cast<std::vector<std::optional<Result>>>(found);
    if (results.size() != call.results.size()) throw EngineError("a host returned another number of arrays.");
    for (size_t i = 0; i < results.size(); i++) {
      if (!results[i] || call.results[i] == 0) continue;
      const bool fits = static_cast<int64_t>(results[i]->size()) == call.results[i] &&
                        results[i]->dtype() == (float64_ ? nb::dtype<double>() : nb::dtype<float>());
      if (!fits) throw EngineError("a host returned an array of another size or type.");
      take(i, results[i]->data());
    }
  }

 private:
  // The array owns the memory.
  nb::object array(HostArray given) const {
    auto* const kept = new Memory(std::move(given.data));
    const nb::capsule owner(kept, [](void* memory) noexcept { delete static_cast<Memory*>(memory); });
    const size_t shape[] = {static_cast<size_t>(given.rows), static_cast<size_t>(given.size)};
    if (float64_) return nb::cast(nb::ndarray<nb::numpy, double>(kept->as<double>(), 2, shape, owner));
    return nb::cast(nb::ndarray<nb::numpy, float>(kept->as<float>(), 2, shape, owner));
  }
  nb::list list(std::vector<HostArray> arrays) const {
    nb::list all;
    for (HostArray& given : arrays) all.append(array(std::move(given)));
    return all;
  }

  const nb::object function_;
  const bool float64_;
};

}  // namespace

std::unique_ptr<Host> host_of(nb::object function, bool float64) {
  if (function.is_none()) return nullptr;
  return std::make_unique<PythonHost>(std::move(function), float64);
}

}  // namespace galago
