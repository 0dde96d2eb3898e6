"""Find the end-diastolic and the end-systolic phase."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from medvos.errors import InputError
from medvos.measure.measures import Measures


def ed_and_es_sentences(measures: Measures) -> list[str]:
    """Return the sentence, in a list, that names ED and ES, counted from 1; of a clip with the beat that is reported.

    >>> ed_and_es_sentences(medvos.measure("results"))
    ['ED is phase 1, ES is phase 3, counted from 1 (from 0 in files and options).']
    """
    word = "frame" if measures.beats else "phase"
    known = [
        f"{name} is {word} {phase + 1}"
        for name, phase in (("ED", measures.ed), ("ES", measures.es))
        if phase is not None
    ]
    places = [(beat.ed, beat.es) for beat in measures.beats]
    reported = (measures.ed, measures.es)
    of = f" (beat {places.index(reported) + 1}, that of the median EF)" if reported in places else ""
    return [f"{', '.join(known)}{of}, counted from 1 (from 0 in files and options)."] if known else []


def find_ed_and_es(curve: NDArray[np.float64]) -> tuple[int | None, int | None]:
    """Return the phases of the largest (ED) and of the smallest (ES) volume of a ventricle.

    A ventricle is never empty: a phase whose volume is zero or NaN was not segmented and cannot be ES.

    >>> find_ed_and_es(np.array([120.0, 60.0, 90.0]))
    (0, 1)

    Parameters
    ----------
    curve: (T,) volume.

    Returns
    -------
    ED and ES; both None without any volume, ES None if a single phase has volume.
    """
    known = np.flatnonzero(np.nan_to_num(curve) > 0)
    if known.size == 0:
        return None, None
    ed = int(known[np.argmax(curve[known])])
    if known.size == 1:
        return ed, None
    return ed, int(known[np.argmin(curve[known])])


def choose_ed_and_es(
    curve: NDArray[np.float64], ed: int | None = None, es: int | None = None
) -> tuple[int | None, int | None]:
    """Return ED and ES as given, counted from 0, and as found otherwise.

    Raises
    ------
    InputError: there is no such phase, both are the same, or the volume is larger at ES than at ED.
    """
    for name, phase in (("ED", ed), ("ES", es)):
        if phase is not None and not 0 <= phase < len(curve):
            raise InputError(f"{name} cannot be phase {phase}, counted from 0: give one from 0 to {len(curve) - 1}.")
    found = find_ed_and_es(curve)
    if ed is None and es is None:
        return found
    ed, es = (given if given is not None else computed for given, computed in zip((ed, es), found, strict=True))
    if ed == es:
        raise InputError("ED and ES are the same phase: give two different ones.")
    if ed is not None and es is not None and curve[ed] < curve[es]:
        raise InputError("The ventricle is larger at this ES than at this ED: swap the two.")
    return ed, es
