"""Strings of the page's script, in the language of the page."""

from __future__ import annotations

from leadline.metrics.registry import registered
from leadline.report.formatting import capital
from leadline.report.translations.language import gettext as _
from leadline.report.words.metric_words import title


def words() -> dict[str, str]:
    """Each message by the name that the script knows it by; {places} are filled in there."""
    return {
        "weights": _("{n} weights"),
        "latency": _("{ms} ms"),
        "out_of_scope": _("Unlike the training images: this prediction is meaningless."),
        "nothing_drawn": _("Draw a digit."),
        "runner_up": _("then {name}, {share}"),
        "pen": _("Pen at {x}, {y}. {state}"),
        "pen_down": _("Pen down."),
        "pen_up": _("Pen up."),
        "answers": _("{model}: {name}, {share}"),
        "asking": _("Predicting…"),
        "mapping": _("Computing the heat map…"),
        "mapped": _("Evidence for {name}: covering a bright region makes it less likely."),
        "map_empty": _("No region supports this class in particular."),
        "decision": _("Decision: {name}"),
        "probability_of": _("probability of {name}"),
        "threshold": _("{point}: at least {share}"),
        "point_youden": _("Youden"),
        "point_sensitivity": _("High sensitivity"),
        "point_half": _("One half"),
        **{f"metric_{metric.key}": capital(title(metric)) for metric in registered()},
        "intervals": _("On test images, with 95% intervals:"),
        "intervals_of": _("On {n} test images, with 95% intervals:"),
        "size": _("{name}, {width} × {height} px"),
        "failed": _("The server does not respond. Is it still running?"),
        "token_missing": _(
            "This server requires a token: open the address that it printed at startup."
        ),
        "refused_400": _("The request contains no image."),
        "refused_413": _("The file is too large."),
        "refused_422": _("This file cannot be read as an image."),
        "refused_429": _("The server is busy. Try again in a moment."),
        "refused_503": _("The server took too long to respond."),
        "finished": _("finished"),
        "running": _("in progress"),
        "interrupted": _("interrupted"),
        "waiting": _("not started"),
        "damaged": _("damaged"),
        "diverged_in": _("diverged in epoch {epoch}"),
        "judging": _("evaluating on the test images"),
        "epochs_done": _("{done} of {all} epochs"),
        "interrupted_after": _("interrupted after {done} of {all} epochs"),
        "validation": _("validation accuracy {share}"),
        "no_runs": _("There are no runs in this folder yet."),
        "report": _("Report"),
        "seed": _("seed {n}"),
        "accuracy": _("test accuracy {share}"),
        "accuracy_interval": _("95%: {low} to {high}"),
        "guessing_not shown": _("Not shown to be better than guessing."),
        "guessing_ranking only": _(
            "Accuracy not shown to exceed always predicting the most frequent class."
        ),
        "names_not_shown": _("{names}: not shown to be better than guessing."),
        "none_shown": _("None of the experiments is significantly better than guessing."),
        "runs_done": _("{done} of {all} finished"),
        "all_runs_done": _("{all} runs"),
        "single_runs": _("Single runs"),
    }
