"""Answers from an artefact, with neither torch nor Keras.

| module | holds |
|---|---|
| `predictor` | `Predictor`: probabilities, decisions and what is in scope |
| `inputs` | the images that paths, folders, globs and archives name, in order |
| `ahead` | work in threads, in order, a little at a time |
| `answering` | files in, answers out, a batch at a time |
| `rows` | answers as CSV, JSON Lines and Parquet |

`leadline serve` is the rest, which nothing above needs:

| module | holds |
|---|---|
| `app` | `create_app`: the whole, put together |
| `api`, `schema`, `telling`, `problems` | the calls, what they answer, and why not |
| `work`, `batching`, `heat` | requests worked on: together, so many at a time |
| `uploads`, `foreign`, `pictures` | what is sent: read up to a bound, looked at, decoded |
| `served`, `cards` | the models that a server has, and what their cards say |
| `security`, `limits`, `settings`, `metrics` | who may ask, how much, and what is counted |
| `site`, `words`, `page/` | the page |
| `studies` | the runs of a folder |
| `server`, `connections` | the socket, until it is told to stop |
"""

from leadline.export.export_paths import find_artefact
from leadline.serving.answering import Answered, Unreadable, answer_files
from leadline.serving.input_paths import Inputs
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
