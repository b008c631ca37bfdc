"""Arrays in, values out: how good a model is, and how sure that is.

| module | holds |
|---|---|
| `metrics` | `evaluate`: loss, accuracy, scores by class, as one `Evaluation` |
| `confusion` | confusion matrix, scores by class, confused pairs and their images |
| `checks` | what every metric demands of its arrays |
| `scope` | is an image such as the model was trained on? a score fitted on the training images |
| `thumbnail` | an image as the few numbers that `scope` looks at |
| `false_alarms` | how often images that are in scope are flagged all the same |
"""
