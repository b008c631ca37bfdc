"""Answers from model files, without torch or Keras: in Python, for `predict`, and over HTTP."""

from leadline.export.export_paths import find_model_file
from leadline.serving.answering import NamedPredictions, Unreadable, answer_files
from leadline.serving.input_paths import Inputs
from leadline.serving.predictor import PredictionBatch, Predictor

__all__ = [
    "Inputs",
    "NamedPredictions",
    "PredictionBatch",
    "Predictor",
    "Unreadable",
    "answer_files",
    "find_model_file",
]
