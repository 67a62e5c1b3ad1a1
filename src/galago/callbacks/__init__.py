"""Callbacks: code that watches a training, keeps what it finds, and may steer or stop it."""

from __future__ import annotations

from galago.callbacks.backup_and_restore import BackupAndRestore
from galago.callbacks.base import Callback
from galago.callbacks.csv_logger import CSVLogger
from galago.callbacks.history import History
from galago.callbacks.lambda_callback import LambdaCallback
from galago.callbacks.learning_rates import LearningRateScheduler, ReduceLROnPlateau
from galago.callbacks.model_checkpoint import ModelCheckpoint
from galago.callbacks.stopping import EarlyStopping, StopAt, TerminateOnNaN
from galago.callbacks.tensorboard import TensorBoard

__all__ = [
    "BackupAndRestore",
    "CSVLogger",
    "Callback",
    "EarlyStopping",
    "History",
    "LambdaCallback",
    "LearningRateScheduler",
    "ModelCheckpoint",
    "ReduceLROnPlateau",
    "StopAt",
    "TensorBoard",
    "TerminateOnNaN",
]
