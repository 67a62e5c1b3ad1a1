// Zeroed memory on a cache-line boundary, owned.
#pragma once
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include "base/integers.h"

namespace galago {

class Memory {
 public:
  Memory() = default;
  explicit Memory(int64_t bytes) : bytes_(bytes) {
    const int64_t line = 64, rounded = checked_add(bytes, line) / line * line;
    data_.reset(static_cast<char*>(std::aligned_alloc(static_cast<size_t>(line), static_cast<size_t>(rounded))));
    if (!data_) throw std::bad_alloc();
    std::memset(data_.get(), 0, static_cast<size_t>(rounded));
  }
  template <class T>
  T* as(int64_t offset_bytes = 0) const {
    return reinterpret_cast<T*>(data_.get() + offset_bytes);
  }
  int64_t bytes() const { return bytes_; }

 private:
  struct Free {
    void operator()(char* p) const { std::free(p); }
  };
  std::unique_ptr<char, Free> data_;
  int64_t bytes_ = 0;
};

}  // namespace galago
