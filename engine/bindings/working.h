// Who is inside the engine, so that Python does not end under them.
#pragma once
#include <nanobind/nanobind.h>

namespace galago {

// Inside the engine without the GIL. Python ends by cutting off every other thread that wants the GIL, which in C++
// ends the whole process; so close() waits until all are out, and lets nobody in again.
class Working {
 public:
  Working();
  ~Working();
  Working(const Working&) = delete;
  Working& operator=(const Working&) = delete;

  static void close();

 private:
  PyThreadState* state_;
};

}  // namespace galago
