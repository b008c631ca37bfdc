"""How a model's probabilities become decisions: calibration, thresholds, and who is told apart."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from leadline.experiments.frozen_model import Expression, OpenFraction, Part


class Decision(Part):
    """What is fitted on validation images after training, and then frozen.

    All but `calibration` is for two classes; `data.validation = "test"` fits nothing.
    """

    positive: str | None = None
    """The positive class, as the data name it. Unless given: the one whose name says so, as
    "abnormal" beside "normal"; else the second of the two."""
    calibration: Literal["temperature", "none"] = "temperature"
    """temperature: one number that softens or sharpens all probabilities (Guo et al., ICML 2017)"""
    sensitivity: Annotated[float, Field(gt=0, le=1, strict=True)] = 0.95
    """The share of positive validation images that the second operating point finds at least."""
    prevalence: tuple[OpenFraction, ...] = ()
    """Shares of positives in other places, for which PPV and NPV are told as well."""
    subgroup_pattern: Expression | None = None
    """A regular expression that finds in a positive image's file name, without its folder, its
    subgroup, as `data.group_pattern` finds the patient."""
