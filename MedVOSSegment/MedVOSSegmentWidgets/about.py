"""The module's help and acknowledgement, with links."""

from __future__ import annotations

from slicer.i18n import tr as _

PROJECT = "https://github.com/MedVOSSegment/MedVOSSegment"
DOCS = f"{PROJECT}/blob/main/Docs"
PAPERS = {
    "cstm": "https://arxiv.org/abs/2410.23191",
    "stcn": "https://arxiv.org/abs/2106.05210",
    "acdc": "https://doi.org/10.1109/TMI.2018.2837502",
    "sunnybrook": "https://www.cardiacatlas.org/sunnybrook-cardiac-data/",
}


def help_text() -> str:
    """Return what the module does, where it is described, and that it is no medical device, as HTML."""
    return _(
        "<p>Draw one slice of a beating heart, press one button, and the left ventricle, the myocardium and the "
        "right ventricle are segmented in every slice at every phase, with uncertainty, volumes, ejection "
        "fraction and mass. Slices that you correct are propagated in turn.</p>"
        "<p>To try it, press <i>Synthetic patient</i>. Nothing leaves this computer. "
        "It is research software and not a medical device.</p>"
    ) + _(
        '<p><a href="{docs}/tutorial.md">Tutorial</a>, <a href="{docs}/index.md">documentation</a>, '
        '<a href="{project}/issues">report a problem or ask a question</a>.</p>'
    ).format(docs=DOCS, project=PROJECT)


def acknowledgement() -> str:
    """Return the papers and the data to cite, as HTML."""
    return _(
        "<p>The network follows CSTM (M. Ye, B. Xin, L. Axel, D. Metaxas: "
        '<a href="{cstm}">Continuous Spatio-Temporal Memory Networks for 4D Cardiac Cine MRI Segmentation</a>, '
        "WACV 2025) and STCN (H. K. Cheng, Y.-W. Tai, C.-K. Tang: "
        '<a href="{stcn}">Rethinking Space-Time Networks with Improved Memory Coverage</a>, NeurIPS 2021). '
        'The weights were trained on <a href="{acdc}">ACDC</a> (O. Bernard et al., IEEE TMI 2018) and '
        '<a href="{sunnybrook}">Sunnybrook</a> (P. Radau et al., MIDAS Journal 2009). '
        'Please cite them, and this software as <a href="{citation}">CITATION.cff</a> says.</p>'
    ).format(citation=f"{PROJECT}/blob/main/CITATION.cff", **PAPERS)
