"""The cine of a result, read again: what was stated of the person stays, what was corrected in its files counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from medvos.cine.cine import Cine
from medvos.errors import InputError
from medvos.measure.subject import with_facts_of

OTHER_TIMES = (
    "The files state other phase times than before (a beat of {now:.0f} ms, formerly {former:.0f} ms): those of the "
    "files count."
)
SAME_MS = 1.0  # a report rounds its times, and a header may have them in single precision


class OtherCine(InputError):
    """A result and a cine do not belong together."""


def as_before(cine: Cine, former: Cine) -> Cine:
    """Return a cine that was read anew, with what the user stated of the person when it was ``former``.

    Its times and its heart rate are the former ones, unless its files state other times now, and the user has given no
    heart rate: then they were corrected, those of the files count, and a note tells it.

    >>> as_before(read("patient/"), result.cine).source.heart_rate  # doctest: +SKIP
    65.0

    Raises
    ------
    InputError: ``former`` has other images, or another number of phases.
    """
    if len(cine.times) != len(former.times) or have_other_images(cine, former):
        raise OtherCine("The result is of other images than the cine's; give the result of this cine.")
    updated = with_facts_of(cine, former)
    own, before = (np.append(each.times, each.period) for each in (cine, former))
    states_times = cine.is_echo or cine.source.heart_rate is not None  # else they are assumed
    is_of_same_kind = cine.source.kind == former.source.kind and not former.source.rate_given
    if not states_times or not is_of_same_kind or np.allclose(own, before, rtol=0, atol=SAME_MS):
        return replace(updated, times=former.times, period=former.period)
    note = OTHER_TIMES.format(former=former.period, now=cine.period)
    source = replace(updated.source, heart_rate=cine.source.heart_rate, notes=(*updated.source.notes, note))
    return replace(updated, times=cine.times, period=cine.period, source=source)


def have_other_images(cine: Cine, former: Cine) -> bool:
    """Return whether the images of two cines are known to differ.

    >>> have_other_images(cine, cine)
    False
    """
    return len({each.source.digest for each in (cine, former)} - {""}) > 1
