// What a model computes, as the front end hands it over: plain data, checked before a plan is made of it.
#pragma once
#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "base/integers.h"
#include "kernels/args_images.h"

namespace galago {

struct Shape {
  int64_t rows = 1, cols = 1, channels = 1;
  int64_t size() const { return rows * cols * channels; }
  bool is_vector() const { return rows == 1 && cols == 1; }
};

// A window that slides over a map: a kernel or a pool.
struct Window {
  int64_t rows = 1, cols = 1;
  int64_t stride_rows = 1, stride_cols = 1;
  int64_t dilation_rows = 1, dilation_cols = 1;
  int64_t top = 0, bottom = 0, left = 0, right = 0;  // padding
  int64_t span_rows() const { return (rows - 1) * dilation_rows + 1; }
  int64_t span_cols() const { return (cols - 1) * dilation_cols + 1; }
};

enum class Op {
  input,
  conv,
  dense,
  max_pool,
  average_pool,
  activation,
  flatten,
  pad,
  batch_norm,
  add,
  concatenate,
  dropout,
  reshape,
  permute,
  crop,
  upsample,
  dilate,
  subtract,
  multiply,
  maximum,
  minimum,
  gaussian_noise,
  layer_norm,
  resize,
  host,
  random_warp,
  random_crop,
  random_tone,
  activity
};

// Batch and layer normalization: which of their parameters are there, and whether a batch norm only applies its moving
// statistics.
struct Normalization {
  double momentum = 0, epsilon = 0;
  bool scale = false, center = false, inference = false;
};

enum class Interpolation { nearest, bilinear, bicubic, lanczos3, lanczos5 };

// A part of a map that is stretched over a whole one. It may reach over the border; there is `fill`.
struct Resizing {
  Interpolation interpolation = Interpolation::bilinear;
  bool antialias = false;
  int64_t top = 0, left = 0, rows = 0, cols = 0;
  double fill = 0;
};

enum class WarpKind { flip, rotation, translation, zoom, crop };

// A picture that is turned, moved or enlarged by what each image draws; all in shares of the picture's size, or of a
// turn. flip: whether to the side and upside down; rotation: least and most; translation and zoom: least and most of
// the height and of the width, or of both together where `joint`.
struct Warping {
  WarpKind kind = WarpKind::flip;
  std::array<double, 4> ranges{};
  bool joint = false, nearest = false;
  FillMode fill_mode = FillMode::constant;
  double fill = 0;
};

// Contrast or brightness that each image draws: see ToneArgs.
struct Toning {
  bool contrast = false;
  double low = 0, high = 0;  // of what is drawn
  double least = 0, most = 0;
};

struct Node {
  Op op = Op::input;
  std::string name;
  std::vector<int> inputs;
  Shape shape;
  Window window;  // crop: the padding taken away; upsample: rows x cols of one position; dilate: the strides
  int64_t groups = 1;
  bool transposed = false;  // conv: its kernel is (rows, columns, outputs, inputs), turned round
  Activation activation = Activation::linear;
  double alpha = 0, beta = 0, limit = std::numeric_limits<double>::infinity();  // activation
  Normalization normalization;
  double rate = 0;             // dropout; gaussian_noise: the standard deviation
  uint64_t seed = 0;           // of what draws
  bool spatial = false;        // dropout: of whole channels
  double l1 = 0, l2 = 0;       // activity: what |x| and x * x add to the loss
  std::array<int, 3> order{};  // permute: which axis of the input each axis is
  Resizing resizing;           // random_crop: outside of training
  Warping warping;
  Toning toning;
  std::vector<int> parameters;  // kernel, bias; batch_norm: [gamma] [beta] moving mean, moving variance; host: any
};

struct Parameter {
  std::string name;
  std::vector<int64_t> shape;  // Keras layout
  int original = -1;           // what it is a copy of: see give_copies
  int before = -1;             // the copy, or the original, of the use before this one
  int64_t size() const {
    int64_t n = 1;
    for (int64_t d : shape) n = checked_multiply(n, d);
    return n;
  }
};

// Nodes in an order in which they can run; the inputs are those of op input, in their order.
struct Graph {
  std::vector<Node> nodes;
  std::vector<Parameter> parameters;
  std::vector<int> outputs;
};

// Whether an operation makes one map of two, element by element; and which.
bool merges(Op op);
Merge merge_of(Op op);

// Throws EngineError where shapes, windows or parameters do not fit together.
void check(const Graph& graph);

// Gives every further use of a parameter a copy of its own, behind all parameters: gradients of several uses are then
// made side by side, and each use has the layout that suits it.
Graph give_copies(Graph graph);

std::vector<Shape> input_shapes(const Graph& graph);

}  // namespace galago
