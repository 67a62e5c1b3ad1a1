"""HDF5, as much of it as files of Keras need: groups in groups with plain arrays.

Source: the HDF5 file format specification 3.0, https://support.hdfgroup.org/documentation/hdf5/
latest/_f_m_t3.html. Keras writes superblock 0, groups of symbol tables, and arrays in one piece.
"""

from galago.saving.hdf5.reader import Group, Stored, read
from galago.saving.hdf5.writer import Tree, write

__all__ = ["Group", "Stored", "Tree", "read", "write"]
