"""Comparisons made up of plain values."""

from __future__ import annotations

from typing import Any

from leadline.analysis.significance.comparison import Comparison, MetricComparison, Pair, Verdict


def pair(
    first: str, second: str, difference: float = 0.01, verdict: Verdict = "better", **changes: Any
) -> Pair:
    """The first ahead by this much, give or take 0.004."""
    values: dict[str, Any] = {
        "first": first,
        "second": second,
        "first_value": 0.95,
        "second_value": 0.95 - difference,
        "first_runs": 3,
        "second_runs": 3,
        "difference": difference,
        "low": difference - 0.004,
        "high": difference + 0.004,
        "p": 0.001,
        "p_corrected": 0.012 if verdict == "better" else 0.4,
        "p_equivalent": 0.3,
        "p_equivalent_corrected": 0.01 if verdict == "equivalent" else 0.9,
        "minimum_detectable_difference": 0.0062,
        "of_seeds": True,
        "method": "t_test_with_seeds",
        "within_margin": verdict == "equivalent",
        "verdict": verdict,
    }
    return Pair(**(values | changes))


def comparison(*pairs: Pair, areas: tuple[Pair, ...] = (), **changes: Any) -> Comparison:
    measures = [MetricComparison("accuracy", pairs)]
    if areas:
        measures.append(MetricComparison("auroc", areas))
    values: dict[str, Any] = {"n": 30, "n_groups": None, "margin": 0.005}
    return Comparison(**(values | changes), measures=tuple(measures))
