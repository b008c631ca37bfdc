"""Pareto front: the models that no other beats on both quality and cost."""

from __future__ import annotations

from collections.abc import Collection, Sequence

DIGITS = 12
"""Means over seeds of the same counts may differ beyond this, by the rounding of a sum."""


def pareto_front(merits: Sequence[float], costs: Sequence[float]) -> tuple[int, ...]:
    """Places of the options that no other beats, from the cheapest to the dearest.

    One option beats another where it has as much merit at no higher cost, and is ahead in one of
    the two; equal ones do not beat each other. merits: of order 1, equal where they agree in 12
    digits. merits, costs: of one length, no NaN.
    """
    merits = [round(merit, DIGITS) for merit in merits]
    order = sorted(range(len(merits)), key=lambda place: (costs[place], -merits[place], place))
    front: list[int] = []
    for place in order:
        if (
            not front
            or merits[place] > merits[front[-1]]
            or _equal(place, front[-1], merits, costs)
        ):
            front.append(place)
    return tuple(front)


def unbeaten(
    names: Sequence[str], costs: Sequence[float], better: Collection[tuple[str, str]]
) -> tuple[int, ...]:
    """Places of the options than which none, at no higher cost, is shown to be better.

    better: pairs of names, the first shown to be better than the second. Where the shown follows
    the merits, the front is among them.
    """
    return tuple(
        place
        for place, name in enumerate(names)
        if not any(
            (other, name) in better and costs[rival] <= costs[place]
            for rival, other in enumerate(names)
        )
    )


def _equal(one: int, other: int, merits: Sequence[float], costs: Sequence[float]) -> bool:
    return (merits[one], costs[one]) == (merits[other], costs[other])
