"""How sure a number is, in NumPy alone: what the audit of images and the judging of models share.

| module | holds |
|---|---|
| `intervals` | Wilson's interval, and what follows from it |
| `delong` | areas under ROC curves with their covariance, also by patient |
| `crossed` | differences of means over seeds, each seed judged on the same images |
| `holm` | p-values corrected for how many there are |
"""
