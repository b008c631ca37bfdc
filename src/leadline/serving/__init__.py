"""Answers from an artefact, with neither torch nor Keras.

| module | holds |
|---|---|
| `models` | which file answers for a run, an artefact or a name in the zoo |
| `predictor` | `Predictor`: probabilities, decisions and what is in scope |
| `inputs` | the images that paths, folders, globs and archives name, in order |
| `ahead` | work in threads, in order, a little at a time |
| `answering` | files in, answers out, a batch at a time |
| `rows` | answers as CSV, JSON Lines and Parquet |
"""

from leadline.serving.answering import Answered, Unreadable, answer_files
from leadline.serving.inputs import Inputs
from leadline.serving.models import find_artefact
from leadline.serving.predictor import Answers, Predictor

__all__ = [
    "Answered",
    "Answers",
    "Inputs",
    "Predictor",
    "Unreadable",
    "answer_files",
    "find_artefact",
]
