"""Diagnosis of a training from its learning curves and its generalization gap.

`rules` has one class for each kind of finding; `training_findings.register` adds one.
"""

from leadline.analysis.diagnosis import rules  # noqa: F401 - registers them
