"""The judge measured by what people decided on its verdicts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from audit.models import AuditEntry

BINS = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict and the decision on it; ``was_wrong`` is what the person found."""

    is_incorrect: bool
    confidence: float
    was_wrong: bool

    @property
    def stated(self) -> float:
        """The probability, as the judge stated it, that the answer is wrong."""
        return self.confidence if self.is_incorrect else 1 - self.confidence


@dataclass(frozen=True, slots=True)
class Bin:
    """Verdicts of like probability: what was stated, and how often it was so."""

    low: float
    high: float
    count: int
    stated: float
    observed: float


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far the judge's word can be taken.

    ``precision``: the share of its accusations that people bore out. ``brier``: the
    mean squared error of its probabilities; 0 is perfect, 0.25 is a coin.
    """

    decided: int
    precision: float | None
    brier: float | None
    bins: list[Bin]


def measure(judged: Sequence[Judged]) -> Calibration:
    accused = [one.was_wrong for one in judged if one.is_incorrect]
    errors = [(one.stated - one.was_wrong) ** 2 for one in judged]
    return Calibration(
        decided=len(judged),
        precision=_mean(accused),
        brier=_mean(errors),
        bins=list(_bins(judged)),
    )


def _bins(judged: Sequence[Judged]) -> Iterable[Bin]:
    for number in range(BINS):
        inside = [one for one in judged if _bin_of(one.stated) == number]
        stated = _mean([one.stated for one in inside])
        observed = _mean([one.was_wrong for one in inside])
        if stated is not None and observed is not None:
            low, high = number / BINS, (number + 1) / BINS
            yield Bin(low, high, len(inside), stated, observed)


def _bin_of(share: float) -> int:
    return min(int(share * BINS), BINS - 1)


def _mean(values: Sequence[float]) -> float | None:
    return sum(values) / len(values) if values else None


# A correction bears the judge out as a rejection does.
_WAS_WRONG = Q(status=AuditEntry.Status.REJECTED) | ~Q(correction="")


def decided_verdicts() -> list[Judged]:
    """All verdicts that a person decided on."""
    rows = _decided().annotate(was_wrong=_WAS_WRONG)
    return [
        Judged(bool(is_incorrect), float(confidence or 0), bool(was_wrong))
        for is_incorrect, confidence, was_wrong in rows.values_list(
            "is_incorrect", "confidence", "was_wrong"
        )
    ]


def precision() -> float | None:
    """The share of the judge's accusations that people bore out, so far."""
    counts = (
        _decided()
        .filter(is_incorrect=True)
        .aggregate(accused=Count("pk"), right=Count("pk", filter=_WAS_WRONG))
    )
    return counts["right"] / counts["accused"] if counts["accused"] else None


def _decided() -> QuerySet[AuditEntry]:
    """Verdicts with a person's decision, not what was shown for want of a verdict."""
    return AuditEntry.objects.filter(
        status__in=[AuditEntry.Status.APPROVED, AuditEntry.Status.REJECTED],
        decided_by__isnull=False,
        is_incorrect__isnull=False,
    )
