"""Arrays in, values out: how good a model is, and how sure that is.

| module | holds |
|---|---|
| `metrics` | `evaluate`: loss, accuracy, scores by class, as one `Evaluation` |
| `confusion` | confusion matrix, scores by class, confused pairs and their images |
| `checks` | what every metric demands of its arrays |
"""
