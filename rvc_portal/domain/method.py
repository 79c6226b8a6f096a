"""How results come about, in plain words: what the page and the documents say under their figures.

Message ids with parameters, as in `domain.asking`; what the call itself wrote stands in every working language.
"""

from collections.abc import Iterator

from rvc_portal.domain import results
from rvc_portal.domain.asking import Said
from rvc_portal.domain.definition import LANGUAGES
from rvc_portal.domain.results import ResultRules
from rvc_portal.domain.rubric import Rubric
from rvc_portal.domain.vocabulary import N_

_RANKED = {
    results.RAW: N_("Files are ranked by their overall mean. Ties are broken by these rules, in turn."),
    results.NORMALISED: N_("Files are ranked by their normalised mean. Ties are broken by these rules, in turn."),
}
_TIES = {
    results.RAW: N_("In a tie, the higher overall mean comes first."),
    results.NORMALISED: N_("In a tie, the higher normalised mean comes first."),
    results.SPREAD: N_("In a tie, the smaller spread comes first."),
    results.SHEETS: N_("In a tie, the file with more sheets comes first."),
}
_DISAGREEMENT = {
    results.SPREAD: N_(
        "Disagreement is flagged where the standard deviation of a file’s sheets reaches %(percent)s %% of the width of the scale."
    ),
    results.RANGE: N_(
        "Disagreement is flagged where a file’s highest and lowest sheets lie apart by %(percent)s %% of the width of the scale."
    ),
    results.STREAMS: N_(
        "Disagreement is flagged where the means of a file’s streams lie apart by %(percent)s %% of the width of the scale."
    ),
}
FLAGS = {
    results.SPREAD: N_("wide spread"),
    results.RANGE: N_("sheets far apart"),
    results.STREAMS: N_("streams far apart"),
}
"""What a flagged dossier is marked with."""


def of_field(rubric: Rubric, rules: ResultRules) -> Iterator[Said]:
    """All that a ranking follows from, besides its sheets."""
    yield _mean(rubric)
    yield from _normalised(rules)
    yield _RANKED[rules.rank_by], {}
    yield from ((_TIES[tie], {}) for tie in rules.ties)
    yield N_("In a last tie, the references decide, in their order."), {}
    drawn = N_(
        "The intervals hold %(level)s %% of what %(samples)s draws give: in each, every file’s sheets are drawn anew with "
        "replacement within their stream, and all files are ranked again (percentile bootstrap)."
    )
    yield drawn, {"level": rules.bootstrap.level, "samples": rules.bootstrap.samples}
    yield _seed(rules)
    yield from _disagreement(rules)


def of_dossier(rubric: Rubric, rules: ResultRules) -> Iterator[Said]:
    """All that the figures of one dossier follow from, besides its sheets. Nothing here hangs on another dossier."""
    yield _mean(rubric)
    drawn = N_(
        "The interval of the overall mean holds %(level)s %% of what %(samples)s draws give: in each, the file’s sheets are "
        "drawn anew with replacement within their stream (percentile bootstrap)."
    )
    yield drawn, {"level": rules.bootstrap.level, "samples": rules.bootstrap.samples}
    yield _seed(rules)
    yield from _disagreement(rules)


def _mean(rubric: Rubric) -> Said:
    weights = {
        language: ", ".join(f"{s.label.of(language)} {s.weight}\u00a0%" for s in rubric.streams)
        for language in LANGUAGES
    }
    text = N_(
        "A sheet’s mean weighs its scores by criterion. A stream’s mean is the plain mean of its sheets. The overall mean "
        "weighs the streams that have sheets: %(weights)s."
    )
    return text, {"weights": weights}


def _normalised(rules: ResultRules) -> Iterator[Said]:
    yield N_("A normalised score takes account of how high and how widely each evaluator scores."), {}
    named = N_(
        "Let x be the mean of a sheet; n, m and s the number, the mean and the standard deviation of its evaluator’s sheets; "
        "M and S the mean and the standard deviation of all sheets on the files ranked here. The evaluator’s own figures are drawn "
        "towards the whole: m′ = Z m + (1 − Z) M and s′ = Z s + (1 − Z) S, where Z = n / (n + %(shrinkage)s), or 0 for "
        "fewer than %(minimum)s sheets."
    )
    yield named, {"shrinkage": rules.normalisation.shrinkage, "minimum": rules.normalisation.minimum_sample}
    yield (
        N_(
            "The normalised score is M + S (x − m′) / s′; where s′ is 0, M + x − m′; where Z is 0, x itself. Means follow "
            "from it as they do from x."
        ),
        {},
    )
    yield (
        N_(
            "Z is the credibility factor of H. Bühlmann (ASTIN Bulletin 4, 1967). A normalised score may lie beyond the "
            "ends of the scale."
        ),
        {},
    )


def _seed(rules: ResultRules) -> Said:
    text = N_(
        "Seed: %(seed)s. Each file draws by random.Random(key).choices of Python, stream after stream, from the means of its "
        "sheets in rising order; its key is the seed, a colon and its reference. Figures are kept and compared to six "
        "decimals."
    )
    return text, {"seed": rules.bootstrap.seed}


def _disagreement(rules: ResultRules) -> Iterator[Said]:
    if not rules.disagreement:
        yield N_("The call has no rule that flags disagreement."), {}
    for rule in rules.disagreement:
        yield _DISAGREEMENT[rule.rule], {"percent": rule.percent}
