"""Arrays in, values out: how good a model is, and how sure that is.

| module | holds |
|---|---|
| `metrics` | `evaluate`: loss, accuracy, scores by class, as one `Evaluation` |
| `confusion` | confusion matrix, scores by class, confused pairs and their images |
| `attraction` | confusions beyond chance |
| `estimates` | the values told of a model that decides: figures with intervals, thresholds |
| `decide` | what is fitted on validation: temperature and thresholds, or why not |
| `calibration` | temperature scaling, calibration error, reliability bins |
| `operating_point` | Youden's threshold, and the highest that is sensitive enough |
| `binary` | `binary_metrics`: a model of two classes, judged |
| `many` | the same of more classes |
| `figures`, `bootstrap` | figures with intervals from resamples, by patient or by image |
| `ranking` | ROC and precision-recall points, average precision |
| `decision_curve` | net benefit |
| `comparison` | every pair of experiments: difference, corrected p-value, verdict |
| `difference`, `paired` | one pair, tested: exactly for two runs, by variances for several seeds |
| `curves` | the curves of one part, to draw |
| `plain` | frozen values to JSON and back |
| `checks` | what every metric demands of its arrays |
| `diagnosis` | `diagnose`: how a training went |
| `rules` | what a history shows, and by which rules |
| `findings` | the values told of a training |
| `course` | a history, and what of it is noise |
| `advice` | what to try next, in the experiment's own keys |
| `gap` | training images against held-out ones |
| `scope` | is an image such as the model was trained on? a score fitted on the training images |
| `thumbnail` | an image as the few numbers that `scope` looks at |
| `false_alarms` | how often images that are in scope are flagged all the same |
"""
