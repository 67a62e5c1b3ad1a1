// Every position of a map a weighted sum of a rectangle of another one.
#pragma once

template <class T>
void resize(const ResizeArgs<T>& a) {
  const AxisWeights &rows = a.by_row, &cols = a.by_col;
  for (int row = 0; row < a.rows; row++)
    for (int col = 0; col < a.cols; col++) {
      const double above = rows.outside[row], beside = cols.outside[col];
      const T fill = T(a.fill * (above + beside - above * beside));
      const T* corner = a.src.data + rows.first[row] * a.src.row + cols.first[col] * a.src.col;
      T* dst = a.dst.data + row * a.dst.row + col * a.dst.col;
      for (int c = 0; c < a.channels; c += kLanes) {
        Block<T> sum = broadcast(fill);
        const T* line = corner + c;
        for (int r = rows.starts[row]; r < rows.starts[row + 1]; r++, line += a.src.row) {
          const T* src = line;
          for (int k = cols.starts[col]; k < cols.starts[col + 1]; k++, src += a.src.col)
            sum = fma(broadcast(T(rows.weights[r] * cols.weights[k])), load(src), sum);
        }
        store(dst + c, sum);
      }
    }
}
