"""Mutations of what says which object, series, study and person an image belongs to."""

from __future__ import annotations

import copy

from medvos_lab.mutations.mutation import NO_NOTE, Chance, On, mutation
from medvos_lab.mutations.study import Image, Study, copy_of, in_series, put, renamed, uid

IDENTITY = r"UID|identif|cop(y|ies)|series|instance|stud(y|ies)|patient|twice|more than once|again|left out"


@mutation("identity", IDENTITY, On.STACK, excuse=NO_NOTE)
def series_per_file(study: Study, chance: Chance) -> None:
    """Anonymisers that make up a SeriesInstanceUID for every file."""
    study.each(lambda data, t, z: put(data, SeriesInstanceUID=uid("file", t, z)))


@mutation("identity", IDENTITY, On.STACK, excuse=NO_NOTE)
def series_and_number_per_file(study: Study, chance: Chance) -> None:
    """The same, with a series number for each."""
    study.each(lambda data, t, z: in_series(data, 1000 + z * study.phases + t, "file", t, z))


@mutation("identity", IDENTITY, On.STACK, excuse=NO_NOTE)
def series_per_phase(study: Study, chance: Chance) -> None:
    """Exports of sequences make every phase a series."""
    study.each(
        lambda data, t, z: put(
            in_series(data, 100 + t, "phase", t), InstanceNumber=z + 1, SeriesDescription=f"Phase {t}"
        )
    )


@mutation("identity", IDENTITY, On.STACK, excuse=NO_NOTE)
def series_per_slice(study: Study, chance: Chance) -> None:
    """Siemens makes every slice a series."""
    study.each(
        lambda data, t, z: put(in_series(data, 100 + z, "slice", z), InstanceNumber=t + 1, SeriesDescription=f"SAX {z}")
    )


@mutation("identity", IDENTITY, On.STACK, excuse=NO_NOTE)
def series_missing(study: Study, chance: Chance) -> None:
    """No SeriesInstanceUID at all."""
    study.each(lambda data, t, z: put(data, SeriesInstanceUID=None))


@mutation("identity", IDENTITY, On.STACK, excuse=NO_NOTE)
def series_number_zero(study: Study, chance: Chance) -> None:
    """SeriesNumber 0 or missing."""
    number = None if chance.random() < 0.5 else 0
    study.each(lambda data, t, z: put(data, SeriesNumber=number, SeriesDescription=None))


@mutation("identity", IDENTITY, On.STACK, excuse=NO_NOTE)
def series_in_two_parts(study: Study, chance: Chance) -> None:
    """A stack filmed in two series, base and apex."""
    cut = int(chance.integers(2, study.slices - 1))
    study.each(lambda data, t, z: z < cut or in_series(data, 77, "part"))


@mutation("identity", IDENTITY, On.STACK, excuse=NO_NOTE)
def one_instance_uid_for_all(study: Study, chance: Chance) -> None:
    """Scripts that copy a header write one SOPInstanceUID into all files."""
    for image in study.cine:
        renamed(image.data, "the same")


@mutation("identity", IDENTITY, On.STACK, excuse=NO_NOTE)
def instance_uid_per_slice(study: Study, chance: Chance) -> None:
    """One SOPInstanceUID for all phases of a slice."""
    for image in study.cine:
        renamed(image.data, "slice", image.slice)


@mutation("identity", IDENTITY, On.STACK, excuse=NO_NOTE)
def instance_uid_per_phase(study: Study, chance: Chance) -> None:
    """One SOPInstanceUID for all slices of a phase."""
    for image in study.cine:
        renamed(image.data, "phase", image.phase)


@mutation("identity", IDENTITY, On.STACK, excuse=NO_NOTE)
def some_instance_uids_equal(study: Study, chance: Chance) -> None:
    """Damaged databases: a few pairs of objects have one SOPInstanceUID."""
    for k in chance.choice(len(study.cine) // 2, 4, replace=False):
        renamed(study.cine[2 * k + 1].data, "pair", k)
        renamed(study.cine[2 * k].data, "pair", k)


@mutation("identity", IDENTITY, On.STACK, On.CLIP, excuse=NO_NOTE)
def instance_uid_missing(study: Study, chance: Chance) -> None:
    """No SOPInstanceUID in the data set."""
    study.each(lambda data, t, z: put(data, SOPInstanceUID=None))


@mutation("identity", IDENTITY, On.STACK, excuse=NO_NOTE)
def study_per_file(study: Study, chance: Chance) -> None:
    """A StudyInstanceUID for every file, one day."""
    study.each(lambda data, t, z: put(data, StudyInstanceUID=uid("study", t, z)))


@mutation("identity", IDENTITY, On.STACK, excuse=NO_NOTE)
def study_missing(study: Study, chance: Chance) -> None:
    """No StudyInstanceUID and no date."""
    study.each(lambda data, t, z: put(data, StudyInstanceUID=None, StudyDate=None))


@mutation("identity", IDENTITY, On.STACK, excuse=NO_NOTE)
def frame_of_reference_per_file(study: Study, chance: Chance) -> None:
    """A FrameOfReferenceUID for every file."""
    study.each(lambda data, t, z: put(data, FrameOfReferenceUID=uid("frame", t, z)))


@mutation("identity", IDENTITY, On.STACK, excuse=NO_NOTE)
def person_missing_in_some(study: Study, chance: Chance) -> None:
    """Half of the files lost the patient's ID and name."""
    study.each(lambda data, t, z: t % 2 == 0 or put(data, PatientID=None, PatientName=None))


@mutation("identity", IDENTITY, On.STACK, excuse=NO_NOTE)
def person_written_in_two_ways(study: Study, chance: Chance) -> None:
    """One ID in capitals, with blanks, and in small letters."""
    study.each(lambda data, t, z: t % 2 == 0 or put(data, PatientID=f" {data.PatientID.lower()} "))


@mutation("identity", IDENTITY, On.STACK, On.CLIP, excuse=NO_NOTE)
def copies_of_files(study: Study, chance: Chance) -> None:
    """A folder copied into itself."""
    for k, image in enumerate(list(study.images)):
        study.images.append(Image(copy.deepcopy(image.data), name=f"copy/{k:04d}.dcm"))


@mutation("identity", IDENTITY, On.STACK, excuse=NO_NOTE)
def copies_of_some_files(study: Study, chance: Chance) -> None:
    """Some files are there twice."""
    for k in chance.choice(len(study.cine), 7, replace=False):
        study.images.append(Image(copy.deepcopy(study.cine[k].data), name=f"copy/{k:04d}.dcm"))


@mutation("identity", IDENTITY, On.STACK, excuse=NO_NOTE)
def copies_with_identifiers_of_their_own(study: Study, chance: Chance) -> None:
    """An archive sent the series twice and made up identifiers for the second."""
    for k, image in enumerate(study.cine):
        data = copy_of(image.data, "second", k)
        in_series(data, int(data.get("SeriesNumber") or 0) + 900, "second")
        study.images.append(Image(data, name=f"second/{k:04d}.dcm"))


@mutation("identity", IDENTITY, On.STACK, excuse=NO_NOTE)
def copies_within_the_series(study: Study, chance: Chance) -> None:
    """The same within one series: every object twice, with another SOPInstanceUID and number."""
    count = len(study.cine)
    for k, image in enumerate(study.cine):
        data = copy_of(image.data, "second", k)
        study.images.append(Image(put(data, InstanceNumber=count + k + 1), name=f"second/{k:04d}.dcm"))


@mutation("identity", IDENTITY, On.STACK, excuse=NO_NOTE)
def descriptions_differ(study: Study, chance: Chance) -> None:
    """A description typed anew for each slice, in one series."""
    words = ["SAX basal", "Kurzachse", "sa 3", "eje corto", "SHORT AXIS", "cine", "", "petit axe", "SA-APEX", "KA 2"]
    study.each(lambda data, t, z: put(data, SeriesDescription=words[z % len(words)], ProtocolName=None))


@mutation("identity", IDENTITY, On.STACK, excuse=NO_NOTE)
def series_numbers_differ_within_one_series(study: Study, chance: Chance) -> None:
    """One SeriesInstanceUID, a SeriesNumber for each slice."""
    study.each(lambda data, t, z: put(in_series(data, 10 + z, "one"), InstanceNumber=t + 1))


@mutation("identity", r"patient", On.STACK, excuse=NO_NOTE)
def another_person_among_them(study: Study, chance: Chance) -> None:
    """One slice of another patient was filed into the folder."""
    z = int(chance.integers(study.slices))
    for image in study.of_slice(z):
        put(image.data, PatientID="INV-OTHER", PatientName="Other^One", StudyInstanceUID=uid("other"))
