"""How an image was acquired, as far as it tells one protocol from another."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Each tells a protocol by which no cine is acquired; in descriptions and sequence names, in several languages.
_OTHER_PROTOCOLS = (
    (r"perf|first.?pass|dynami|_sr_|tfl_sr|stress.?dyn", "perfusion"),
    (r"molli|shmolli|sasha|t1.?map|t1map", "a map of T1"),
    (r"t2.?(star|\*).?(map|multi)?|t2.?map|multi.?echo|megre", "a map of T2"),
    (r"psir|\blge\b|delayed|late.?enh|late.?gad|viab|ti.?scout|tiscout|look.?locker", "late enhancement"),
    (r"flow|venc|\bpc\b|phase.?contrast|velocity|qflow|fluss", "flow"),
    (r"tagg|\btag\b|spamm|grid", "tagging"),
    (r"locali[sz]er|scout|survey|plan\b", "a localiser"),
    (r"dwi|diffusion|\badc\b", "diffusion"),
    (r"haste|black.?blood|\bdb\b|stir|\btse\b", "dark blood"),
)
_CINES_OF_OTHERS = ("flow", "tagging")
_ECHO_TOLERANCE = 0.25
_FLIP_TOLERANCE = 0.4


@dataclass(frozen=True)
class Protocol:
    """What an image's header says of its acquisition; '' and None where it does not.

    `description` is SeriesDescription, `name` ProtocolName, `sequence` SequenceName, `scanning` the values of
    ScanningSequence and SequenceVariant. `echo_time` and `inversion_time` are in ms, `flip_angle` in degrees,
    `thickness` in mm.
    `derived` is True where the images were computed from others, or captured from a screen.
    """

    description: str = ""
    name: str = ""
    sequence: str = ""
    scanning: str = ""
    echo_time: float | None = None
    inversion_time: float | None = None
    flip_angle: float | None = None
    thickness: float | None = None
    derived: bool = False

    @property
    def words(self) -> str:
        """The letters of the description, or else of the protocol's name, without numbers."""
        return letters(self.description) or letters(self.name)

    @property
    def under_stress(self) -> bool:
        """Whether the names say that the heart was stressed: the volumes of a report are those at rest."""
        return bool(re.search(r"stress|dobu|adeno|regad|exerci|belast", f"{self.description} {self.name}".lower()))

    @property
    def other_than_cine(self) -> str:
        """The protocol that the names tell, where it is not a cine; '' where they tell none, or a cine."""
        text = " ".join((self.description, self.name, self.sequence)).lower().replace("_", " ")
        raw = " ".join((self.description, self.name, self.sequence)).lower()
        found = (name for words, name in _OTHER_PROTOCOLS if re.search(words, text) or re.search(words, raw))
        protocol = next(found, "")
        # A cine may be filmed after perfusion or contrast; one with a grid or of flow is none for volumes.
        return "" if "cine" in text and protocol not in _CINES_OF_OTHERS else protocol


def letters(text: str) -> str:
    """Return the words of `text` without numbers and signs, in small letters.

    >>> letters("SAX_cine 03")
    'sax cine'
    """
    return re.sub(r"[\W\d_]+", " ", text).strip().lower()


def same_protocol(a: Protocol, b: Protocol) -> bool:
    """Return whether two images may come from one protocol: nothing that both headers tell differs.

    Names alone do not part slices whose sequence is known and equal: `SAX base` and `SAX apex` are one protocol.
    """
    sequences = _family(a.sequence), _family(b.sequence)
    if not same_sequence(a, b):
        return False
    if _differ(a.echo_time, b.echo_time, _ECHO_TOLERANCE) or _differ(a.flip_angle, b.flip_angle, _FLIP_TOLERANCE):
        return False
    if a.other_than_cine != b.other_than_cine or a.derived != b.derived:
        return False
    return a.words == b.words or all(sequences) or bool(a.scanning and b.scanning and a.echo_time and b.echo_time)


def same_sequence(a: Protocol, b: Protocol) -> bool:
    """Return whether nothing that both headers tell of the sequence differs."""
    names = _family(a.sequence), _family(b.sequence)
    return not (all(names) and names[0] != names[1]) and not (a.scanning and b.scanning and a.scanning != b.scanning)


def _family(sequence: str) -> str:
    """`*tfi2d1_15` and `*tfi2d1_12` are one sequence with other numbers of lines."""
    return re.sub(r"_\d+\w*$", "", sequence.strip().lower().lstrip("*"))


def _differ(a: float | None, b: float | None, tolerance: float) -> bool:
    return a is not None and b is not None and abs(a - b) > tolerance * max(abs(a), abs(b))
