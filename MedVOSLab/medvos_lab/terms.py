"""Training data of each release, and the terms of its weights that follow from them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Release:
    """Sources of the training data and the terms that follow from them.

    Attributes
    ----------
    sources: names for `medvos_lab.studies.load_studies`.
    terms: one sentence, shown wherever the weights are used.
    data: a sentence about each source.
    citations: of the data.
    """

    sources: tuple[str, ...]
    terms: str
    data: tuple[str, ...]
    citations: tuple[str, ...]


_SUNNYBROOK = (
    "Sunnybrook Cardiac Data (CC0 1.0): 40 patients, single frames at ED and ES of which the LV cavity alone was "
    "drawn; structures that were not drawn are never taught as background."
)
_SYNTHETIC = "Synthetic hearts made by `medvos.synth`: 200 random hearts at six phases each, exact labels."
_ACDC = (
    "ACDC challenge (CC BY-NC-SA 4.0): ED and ES of the patients whose number does not end in 4 or 9; the others are "
    "the validation split and were never trained on."
)
_CITE_SUNNYBROOK = (
    "Radau P, et al. Evaluation framework for algorithms segmenting short axis cardiac MRI. MIDAS J 2009."
)
_CITE_ACDC = (
    "Bernard O, et al. Deep learning techniques for automatic MRI cardiac multi-structures segmentation and diagnosis: "
    "is the problem solved? IEEE Trans Med Imaging 2018;37(11):2514-2525."
)

RELEASES = {
    "open": Release(
        ("sunnybrook", "synthetic"),
        "Apache-2.0; trained on public-domain and synthetic data alone.",
        (_SUNNYBROOK, _SYNTHETIC),
        (_CITE_SUNNYBROOK,),
    ),
    "research": Release(
        ("acdc", "sunnybrook", "synthetic"),
        "Non-commercial research only (CC BY-NC-SA 4.0): trained on ACDC; cite Bernard et al. 2018.",
        (_ACDC, _SUNNYBROOK, _SYNTHETIC),
        (_CITE_ACDC, _CITE_SUNNYBROOK),
    ),
}

ECHO_TERMS = (
    "Non-commercial research only: trained on EchoNet-Dynamic and CAMUS (CC BY-NC-SA 4.0); cite Ouyang et al. 2020 and "
    "Leclerc et al. 2019."
)
TCMN_TERMS = (
    "Non-commercial research only: trained on EchoNet-Dynamic, CAMUS and ACDC (both CC BY-NC-SA 4.0); cite Ouyang et "
    "al. 2020, Leclerc et al. 2019 and Bernard et al. 2018."
)
MVO_TERMS = (
    "Non-commercial research only: trained on ACDC (CC BY-NC-SA 4.0) and shapes of EMIDEC, with simulated infarcts; "
    "not validated on patients; cite Bernard et al. 2018 and Lalande et al. 2020."
)
