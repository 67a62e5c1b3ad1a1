// The sum of two maps (+ ReLU): where branches of a network, or gradients of a map that several layers read, meet.
#pragma once

template <class T>
void add_maps(const AddArgs<T>& a) {
  for (int64_t row = 0; row < a.rows; row++)
    for (int64_t col = 0; col < a.cols; col++)
      for (int c = 0; c < a.channels; c += kLanes) {
        const Block<T> sum =
            load(a.a.data + row * a.a.row + col * a.a.col + c) + load(a.b.data + row * a.b.row + col * a.b.col + c);
        store(a.dst.data + row * a.dst.row + col * a.dst.col + c, a.relu ? relu(sum) : sum);
      }
}
