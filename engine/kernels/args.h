// The arguments of every kernel: plain structs of pointers and sizes, checked by the planner, never by a kernel.
//
// Layouts. Maps are [row][column][channel] with strides in elements; channels of a map that a kernel wrote are padded
// to 16. A map that a convolution reads carries a halo of zeros, so kernels know no borders: `src` points at the
// element that tap 0 of output (0, 0) reads. What lies in padded channels is never read into a real output.
//   panels   [panel of 64 outputs][k = tap, channel][<= 64 outputs]   what forward kernels multiply by
//   HWIO     [k = tap, channel][outputs padded to 16]                  lanes are outputs
//   OHWI     [output][tap][channels padded to 16]                      lanes are channels
#pragma once
#include <stddef.h>
#include <stdint.h>

#include "kernels/args_loss.h"

namespace galago {

constexpr int kBlock = 16;      // lanes of a block
constexpr int kPanel = 64;      // outputs of a weight panel
constexpr int kMaxShards = 16;  // groups of images whose weight gradients are summed apart

constexpr int64_t padded(int64_t n) { return (n + kBlock - 1) / kBlock * kBlock; }

enum class InputType : int32_t { u8, f32, f64 };
enum class Activation : int32_t {
  linear,
  relu,
  relu6,
  leaky_relu,
  elu,
  selu,
  softplus,
  softsign,
  silu,
  gelu,
  tanh,
  sigmoid,
  hard_sigmoid,
  exponential,
  clipped_relu,
  rescale,
  softmax
};
enum class Merge : int32_t { add, subtract, multiply, maximum, minimum };

// One sample of the user's array, converted to T and placed inside its halo.
template <class T>
struct LoadArgs {
  const void* src;
  InputType type;
  T* dst;
  int64_t dst_row, dst_col;
  int32_t rows, cols, channels;  // what is needed of the sample ...
  int32_t src_cols;              // ... whose rows are this wide
};

// Element (0, 0, 0) of a map and the way to the next row and column.
template <class T>
struct Map {
  T* data;
  int64_t row, col;
};

// What a convolution reads: for output (row, col) the channels at src + row * src_row + col * src_col + each tap.
template <class T>
struct TapSource {
  const T* src;
  int64_t src_row, src_col;  // from one convolution output to the next one below, to the right
  const int32_t* taps;       // offsets into src
  int32_t tap_count, channels;
};

// Few outputs, of windows that move by one column: lanes are positions where that takes a quarter less products at
// least, outputs going by threes, and there are enough of them for the map to be turned round twice.
constexpr int kMostThinTaps = 64, kThinOutputs = 3;
constexpr int64_t thin_scratch(int64_t rows, int64_t cols, int64_t channels, int64_t span_rows, int64_t span_cols) {
  return padded(channels) * (rows + span_rows - 1) * padded((cols > kBlock ? cols : kBlock) + span_cols - 1);
}
constexpr bool is_thin(int64_t cols, int64_t outputs, int64_t taps, int64_t channels) {
  const int64_t lanes = padded(cols) * ((outputs + kThinOutputs - 1) / kThinOutputs * kThinOutputs);
  return outputs < kBlock && taps <= kMostThinTaps && taps * channels >= kBlock && 4 * lanes <= 3 * kBlock * cols;
}

// A convolution of one image and one group.
template <class T>
struct ConvArgs : TapSource<T> {
  const T* weights;  // panels
  const T* scale;    // of a batch norm: sum * scale + bias, which is not null then; null: none
  const T* bias;     // null: none
  T* dst;
  int64_t dst_row, dst_col;
  int32_t rows, cols;  // outputs computed: convolution outputs, or pool windows where pooled
  int32_t outputs;
  bool relu;
  bool exact_lanes;   // write no padded lane: another group's channels lie there
  T* scratch;         // where few outputs leave lanes to positions: thin_scratch elements; null: not so
  uint16_t* winners;  // pooled: [window][position in the 2x2 window][16 outputs] bits of living winners; null: not kept
};

// A convolution of every channel by itself: output c reads channel c.
template <class T>
struct DepthwiseArgs : TapSource<T> {
  const int32_t* tap_order;  // the weights of each tap; null: as they lie
  const T* weights;          // HWIO with one input: [tap][channels padded to 16]
  const T* scale;            // as in ConvArgs
  const T* bias;             // null: none
  T* dst;
  int64_t dst_row, dst_col;
  int32_t rows, cols;
  bool relu;
};

// How a convolution is cut into tiles for Winograd's algorithm: winograd.h says what it is. Tiles are numbered image by
// image, row by row.
struct WinogradTiles {
  int32_t size, taps;          // outputs and taps of a tile along an axis
  int32_t images, rows, cols;  // tiles: rows and columns of one image
  int64_t count() const { return int64_t(images) * rows * cols; }
};
constexpr int64_t winograd_points(int64_t size, int64_t taps) { return (size + taps - 1) * (size + taps - 1); }
// Tiles in flight: as many as keep what becomes of them at all points (400 KB of floats) in L2.
constexpr int64_t winograd_tiles_at_once(int64_t points, int64_t channels, int64_t outputs) {
  const int64_t fit = (112 << 10) / (points * (padded(channels) + padded(outputs)));
  return fit < 8 ? 8 : fit;
}
// Elements between the data of two points, be it rows of tiles or of weights. The extra line keeps them out of each
// other's cache sets.
constexpr int64_t winograd_point(int64_t rows, int64_t lanes) { return rows * padded(lanes) + kBlock; }

// Some images, which lie src_image and dst_image apart.
template <class T>
struct WinogradArgs : WinogradTiles {
  const T* src;
  int64_t src_image, src_row, src_col;
  int32_t channels;
  const T* weights;  // [point] panels of k = channel
  const T* scale;    // as in ConvArgs, and not under a pool
  const T* bias;
  T* dst;
  int64_t dst_image, dst_row, dst_col;
  int32_t dst_rows, dst_cols;  // outputs, or pool windows, of an image; tiles reach over what is no multiple of them
  int32_t outputs;
  int32_t first_output, last_output;  // of this call, whole blocks
  bool relu;                          // without a pool
  uint16_t* winners;
  int64_t winners_image;
  T* scratch;  // winograd_scratch(points, channels, outputs), and under a pool a map of sums for a block of lanes
};
constexpr int64_t winograd_scratch(int64_t points, int64_t channels, int64_t outputs) {
  const int64_t tiles = winograd_tiles_at_once(points, channels, outputs);
  return points * (winograd_point(tiles, channels) + winograd_point(tiles, outputs));
}

// Weight gradients of a convolution without a pool. A chain is the tiles in flight, at each point; then what they make
// of the weights' gradient is added to it.
template <class T>
struct WinogradGradArgs : WinogradTiles {
  const T* src;
  int64_t src_image, src_row, src_col;
  const T* grad;
  int64_t grad_image, grad_row, grad_col;
  int32_t grad_rows, grad_cols;
  int32_t channels, outputs;
  T* grad_weights;  // HWIO, added to
  T* grad_bias;     // null: none
  T* scratch;       // winograd_gradient_scratch
};
// Channels x outputs of the gradient that are made at once, at most.
constexpr int kWinogradGradient = 4 * kPanel;
constexpr int64_t winograd_gradient_scratch(int64_t points, int64_t channels, int64_t outputs) {
  return winograd_scratch(points, channels, outputs) + points * kWinogradGradient;
}

// Gradients of conv + bias + ReLU + 2x2 max pool: only living winners have one.
template <class T>
struct PooledGradArgs : TapSource<T> {
  const uint16_t* winners;
  const T* grad;  // of the pooled outputs
  int64_t grad_row, grad_col;
  int32_t rows, cols;  // pool windows
  int32_t outputs;
  int32_t kernel_cols;
  bool contiguous_taps;  // the taps of a kernel row lie side by side in src
  // weights: OHWI (by channel) or HWIO (by output) gradients, added to
  T* grad_weights;
  T* grad_bias;           // null: none
  T* list_values;         // [outputs][windows]
  int32_t* list_offsets;  // [outputs][windows], and 15 more that may be read
  int32_t* list_sizes;    // [outputs]
  T* quads;               // by output: [position][channel][4]
  int32_t src_span;       // elements of src from its first to past its last one
  // input
  const T* weights;  // as pack_channel_blocks of the same table leaves them
  T* grad_src;       // same geometry as src
  T* grad_map;       // the map that grad_src lies in, overwritten: halo included
  int64_t grad_map_size;
};

// Gradients of a convolution whose outputs all have one.
template <class T>
struct ConvGradArgs : TapSource<T> {
  const T* grad;
  int64_t grad_row, grad_col;
  int32_t rows, cols, outputs;
  T* grad_weights;  // HWIO, added to
  T* grad_bias;     // null: none
};

// ---- batch normalization: per image, then over the batch, then per image again ----

// Mean and sum of squared deviations of each channel of one image.
template <class T>
struct MomentsArgs {
  Map<const T> src;
  int32_t rows, cols, channels;
  T* moments;  // [mean][squares], each padded(channels)
};

// What normalizing one channel takes, each padded(channels) elements: out = (in - mean) * scale + beta.
struct NormState {
  enum : int { mean, inverse, scale, grad_slope, grad_offset, count };
};

// Mean and variance of 16 channels over the batch.
template <class T>
struct StatisticsArgs {
  const T* moments;  // of these channels in the first image; squares `moments_half` later
  int64_t moments_row, moments_half;
  int64_t images, positions;  // in the batch; of one image
  const T* gamma;             // null: 1
  const T* moving_mean;
  const T* moving_variance;
  T* new_mean;  // the moving ones after this step
  T* new_variance;
  double momentum, epsilon;
  T* state;  // NormState of these channels: mean, inverse and scale
  int64_t state_row;
};

// Normalizes one image.
template <class T>
struct NormArgs {
  Map<const T> src;
  Map<T> dst;
  int32_t rows, cols, channels;
  const T* mean;
  const T* scale;
  const T* beta;  // null: 0
  bool relu;
};

// What gradients of a batch norm read. Where a ReLU stands behind it, what that got through is made again from src.
template <class T>
struct NormGradSource {
  Map<const T> src, grad;
  int32_t rows, cols, channels;
  const T* mean;
  const T* scale;
  const T* beta;  // null: 0
  bool relu;
};

// Sums over one image of each channel's gradient, and of gradient times normalized value.
template <class T>
struct NormSumsArgs : NormGradSource<T> {
  const T* inverse;
  T* sums;  // [gradient][gradient x value], each padded(channels)
};

// Gradients of 16 channels' beta and gamma, and what the gradient of the input takes.
template <class T>
struct NormGradArgs {
  const T* sums;
  int64_t sums_row, sums_half;
  int64_t images, positions;
  T* grad_gamma;  // null: none
  T* grad_beta;   // null: none
  T* state;       // NormState of these channels: scale and inverse in, grad_slope and grad_offset out
  int64_t state_row;
};

// grad_src = grad * scale + (src - mean) * grad_slope + grad_offset; only the first where statistics are fixed, and
// then src is not there without a ReLU.
template <class T>
struct NormInputArgs : NormGradSource<T> {
  Map<T> grad_src;
  const T* grad_slope;  // null: fixed statistics
  const T* grad_offset;
};

// Scale and shift of a batch norm whose statistics are fixed: out = in * scale + shift.
template <class T>
struct NormCoefficientsArgs {
  const T* gamma;  // null: 1
  const T* beta;   // null: 0
  const T* mean;
  const T* variance;
  const T* bias;  // of the convolution in front; null: none
  double epsilon;
  int32_t channels;
  T* scale;
  T* shift;
};

// A pool over a map, whose padding is not stored.
struct PoolShape {
  int64_t src_row, src_col;
  int32_t src_rows, src_cols;
  int32_t rows, cols, channels;  // of the output
  int32_t pool_rows, pool_cols, stride_rows, stride_cols, pad_top, pad_left;
};

template <class T>
struct PoolArgs : PoolShape {
  const T* src;  // element (0, 0)
  T* dst;
  int64_t dst_row, dst_col;
  uint16_t* winners;  // max: [row][column][channels padded to 16], index in the window; null: not kept
};

template <class T>
struct PoolGradArgs : PoolShape {
  const T* grad;
  int64_t grad_row, grad_col;
  T* grad_src;              // overwritten, rows x cols of the source
  const uint16_t* winners;  // max only
};

// Rows of elements, the same operation on each.
template <class T>
struct ActivationArgs {
  Activation kind;
  T alpha, beta, limit;
  const T* src;
  T* dst;         // forward
  const T* out;   // backward: what forward gave
  const T* grad;  // backward: of out
  T* grad_src;    // backward
  int64_t src_row, dst_row, out_row, grad_row, grad_src_row;
  int32_t rows, cols;
};

// Inputs of a dense layer that one task goes back through: their weights, gradients and moments fit a core's own cache.
constexpr int64_t kDenseInputs = 32;

// A dense layer with many inputs sums parts of them apart, cut where tasks of the way back are cut. So a core meets the
// weights that it has changed itself when it sums them: a function of the layer alone.
constexpr int64_t dense_parts(int64_t inputs, int64_t outputs) {
  constexpr int64_t least = 384, most = 4;
  if (outputs <= kPanel || inputs < 2 * least) return 1;
  return inputs / least < most ? inputs / least : most;
}
// The first input of a part.
constexpr int64_t dense_part(int64_t inputs, int64_t parts, int64_t part) {
  return part == parts ? inputs : (inputs + kDenseInputs - 1) / kDenseInputs * part / parts * kDenseInputs;
}

// dst = src x weights + bias over some rows of the batch, some outputs, and some parts of the inputs.
template <class T>
struct DenseArgs {
  const T* src;
  int64_t src_row;
  const int64_t* src_rows;  // which rows of src
  int32_t rows, inputs;
  int32_t parts, first_part, last_part;  // of the inputs; which ones
  const T* weights;                      // [inputs][stride]
  int64_t weights_row;
  const T* bias;  // added to the sum of the parts given
  T* dst;
  int64_t dst_row;
  int32_t outputs;  // of this call, from the pointers given
  bool relu;
  T* scratch;  // [rows][outputs padded to 16], where several parts are given
};

// The sums of the parts of a dense layer's inputs, side by side, become its output.
template <class T>
struct DensePartsArgs {
  const T* src;  // [row][part][outputs padded to 16]
  int64_t src_row;
  int32_t rows, parts, outputs;
  const T* bias;
  T* dst;
  int64_t dst_row;
  bool relu;
};

// Gradients of a dense layer over the whole batch and a range of its inputs.
template <class T>
struct DenseGradArgs {
  const T* src;
  int64_t src_row;
  const int64_t* src_rows;  // which rows of src
  const T* grad;            // of the outputs
  int64_t grad_row;
  int32_t batch, first_input, last_input, outputs;
  const T* weights;
  int64_t weights_row;
  T* grad_weights;  // [first_input to last_input][weights_row], overwritten
  T* grad_bias;     // null: none or not this call's
  T* grad_src;
  int64_t grad_src_row;
  T* scratch;  // grad transposed: [outputs][scratch_row], zeros behind the last image
  int64_t scratch_row;
};

template <class T>
struct CopyArgs {
  const T* src;
  int64_t src_row, src_col;
  T* dst;
  int64_t dst_row, dst_col;
  int32_t rows, cols, channels;
};

// Weights rearranged for the kernels that read them: one output panel or channel block a call.
template <class T>
struct PackArgs {
  const T* weights;  // HWIO or OHWI, of one group
  bool ohwi;
  int32_t tap_count, channels, outputs;
  int64_t row;                          // HWIO: from one k to the next; OHWI: from one output to the next
  int32_t index;                        // which panel or block
  int32_t first_channel, last_channel;  // pack_winograd: of this call; its transposed form: outputs
  int32_t tile;                         // pack_winograd: outputs of a tile along an axis
  const int32_t* tap_order;             // pack_panels_transposed: which taps, in which order
  int32_t tap_order_count;
  T* dst;  // of this panel or block
};

}  // namespace galago
