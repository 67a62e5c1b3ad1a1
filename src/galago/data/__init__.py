"""Data that does not lie in one array: pipelines, and batches made when they are needed."""

from __future__ import annotations

from galago.data.dataset import INFINITE_CARDINALITY, UNKNOWN_CARDINALITY, Dataset
from galago.data.py_dataset import PyDataset

__all__ = ["INFINITE_CARDINALITY", "UNKNOWN_CARDINALITY", "Dataset", "PyDataset"]
