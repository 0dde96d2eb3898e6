"""Mutations of the files: encodings, names, companions, archives, media directories."""

from __future__ import annotations

import gc
import shutil
import tarfile
import zipfile
from pathlib import Path

from medvos_lab.mutations.mutation import NO_NOTE, Chance, On, mutation
from medvos_lab.mutations.study import Study

ENCODED = r"compress|transfer syntax|encod|decod"
FILE = r"file|archive|zip|DICOMDIR|cut short|damaged|empty|read"

SYNTAXES = {
    "implicit": "1.2.840.10008.1.2",
    "big_endian": "1.2.840.10008.1.2.2",
    "deflated": "1.2.840.10008.1.2.1.99",
    "rle": "1.2.840.10008.1.2.5",
}


def _syntax(name: str, value: str) -> None:
    def change(study: Study, chance: Chance) -> None:
        study.syntax = value

    change.__name__ = f"syntax_{name}"
    change.__doc__ = f"Transfer syntax {value}."
    mutation("encoding", ENCODED, On.STACK, On.CLIP, excuse=NO_NOTE)(change)


for _name, _value in SYNTAXES.items():
    _syntax(_name, _value)


def _files(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.is_file())


@mutation("files", FILE, On.FILES, excuse=NO_NOTE)
def names_in_capitals(folder: Path, chance: Chance) -> None:
    """Discs of ISO 9660: IM000001 and no ending, in capitals."""
    for k, file in enumerate(_files(folder)):
        file.rename(folder / f"IM{k:06d}")


@mutation("files", FILE, On.FILES, excuse=NO_NOTE)
def nested_in_folders(folder: Path, chance: Chance) -> None:
    """A folder for every few files, deep."""
    for k, file in enumerate(_files(folder)):
        place = folder / "DICOM" / "PA000001" / "ST000001" / f"SE{k % 7:06d}"
        place.mkdir(parents=True, exist_ok=True)
        file.rename(place / f"IM{k:06d}")


@mutation("files", FILE, On.FILES, excuse=NO_NOTE)
def apple_double(folder: Path, chance: Chance) -> None:
    """macOS writes a ._ companion beside each file, and .DS_Store, on discs of other systems."""
    for file in _files(folder):
        (file.parent / f"._{file.name}").write_bytes(b"\x00\x05\x16\x07\x00\x02\x00\x00Mac OS X        " + bytes(4000))
    (folder / ".DS_Store").write_bytes(b"\x00\x00\x00\x01Bud1" + bytes(6000))


@mutation("files", FILE, On.FILES, excuse=NO_NOTE)
def macosx_folder_with_copies(folder: Path, chance: Chance) -> None:
    """__MACOSX from an unpacked archive, Windows' Thumbs.db, a Synology's @eaDir."""
    (folder / "__MACOSX").mkdir()
    (folder / "@eaDir").mkdir()
    for file in _files(folder)[:5]:
        (folder / "__MACOSX" / f"._{file.name}").write_bytes(b"\x00\x05\x16\x07" + bytes(2000))
        shutil.copy(file, folder / "@eaDir" / f"{file.name}@SynoResource")
    (folder / "Thumbs.db").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(5000))


@mutation("files", FILE, On.FILES, excuse=NO_NOTE)
def without_preamble(folder: Path, chance: Chance) -> None:
    """Old archives write the data set without the 128 bytes and without the meta information."""
    from pydicom import dcmread

    for file in _files(folder):
        data = dcmread(file)
        if (
            data.file_meta.TransferSyntaxUID != "1.2.840.10008.1.2.1"
            and data.file_meta.TransferSyntaxUID != "1.2.840.10008.1.2"
        ):
            continue
        content = file.read_bytes()
        start = 144 + int.from_bytes(content[140:144], "little")
        file.write_bytes(content[start:])


@mutation("files", FILE, On.FILES, excuse=NO_NOTE)
def dicomdir_folder(folder: Path, chance: Chance) -> Path:
    """A disc: DICOMDIR and a folder of images; the disc's folder is given."""
    return _disc(folder)


@mutation("files", FILE, On.FILES, excuse=NO_NOTE)
def dicomdir_file(folder: Path, chance: Chance) -> Path:
    """The same; the file DICOMDIR is given."""
    return _disc(folder) / "DICOMDIR"


@mutation("files", FILE, On.FILES, excuse=NO_NOTE)
def dicomdir_whose_files_are_missing(folder: Path, chance: Chance) -> Path:
    """The DICOMDIR was copied without the images."""
    disc = _disc(folder)
    alone = folder.parent / "alone"
    alone.mkdir()
    shutil.copy(disc / "DICOMDIR", alone)
    return alone / "DICOMDIR"


def _disc(folder: Path) -> Path:
    import warnings

    from pydicom import dcmread
    from pydicom.fileset import FileSet

    disc = folder.parent / "disc"
    disc.mkdir()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        files = FileSet()
        for file in _files(folder):
            data = dcmread(file)
            for keyword in ("PatientID", "StudyDate", "StudyTime", "StudyID"):
                if not data.get(keyword):
                    setattr(data, keyword, {"StudyDate": "20200102", "StudyTime": "101010"}.get(keyword, "1"))
            files.add(data)
        files.write(disc)
        del files
        gc.collect()  # pydicom leaves the removal of its temporary folder to the collector, which warns of it
    return disc


@mutation("files", FILE, On.FILES, excuse=NO_NOTE)
def zip_archive(folder: Path, chance: Chance) -> Path:
    """A zip archive of the folder, with what macOS puts into it."""
    archive = folder.parent / "patient.zip"
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for one in _files(folder):
            file.write(one, f"patient/{one.relative_to(folder).as_posix()}")
        file.writestr("__MACOSX/patient/._IM0001.dcm", b"\x00\x05\x16\x07" + bytes(300))
    return archive


@mutation("files", FILE, On.FILES, excuse=NO_NOTE)
def folder_with_one_zip(folder: Path, chance: Chance) -> Path:
    """A folder that holds nothing but the archive."""
    place = folder.parent / "download"
    place.mkdir()
    zip_archive(folder, chance).rename(place / "DICOM.ZIP")
    return place


@mutation("files", FILE, On.FILES, excuse=NO_NOTE)
def tar_archive(folder: Path, chance: Chance) -> Path:
    """A compressed tar archive."""
    archive = folder.parent / "patient.tar.gz"
    with tarfile.open(archive, "w:gz") as file:
        file.add(folder, "patient")
    return archive


@mutation("files", FILE, On.FILES, excuse=NO_NOTE)
def other_files_beside(folder: Path, chance: Chance) -> None:
    """Reports, tables and viewers on a disc."""
    (folder / "README.TXT").write_text("This disc holds images.\n" * 50)
    (folder / "report.pdf").write_bytes(b"%PDF-1.4\n" + bytes(3000))
    (folder / "AUTORUN.INF").write_text("[autorun]\nopen=viewer.exe\n")
    (folder / "series.json").write_text("{}")
    (folder / "preview.jpg").write_bytes(b"\xff\xd8\xff\xe0" + bytes(3000))


@mutation("files", FILE, On.FILES, excuse=NO_NOTE)
def one_file_cut_short(folder: Path, chance: Chance) -> None:
    """A copy that broke off."""
    file = _files(folder)[int(chance.integers(len(_files(folder))))]
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * chance.uniform(0.3, 0.95))])


@mutation("files", FILE + "|position|phase|missing", On.FILES, excuse="missing|empty|resampl")
def one_file_empty(folder: Path, chance: Chance) -> None:
    """A file of 0 bytes among the others."""
    files = _files(folder)
    files[int(chance.integers(len(files)))].write_bytes(b"")


@mutation("files", FILE, On.FILES, excuse=NO_NOTE)
def names_beyond_ascii(folder: Path, chance: Chance) -> None:
    """Names in other scripts, with blanks and brackets."""
    for k, file in enumerate(_files(folder)):
        file.rename(folder / f"Aufnahme ä ({k}) 心臓 [1].dcm")
