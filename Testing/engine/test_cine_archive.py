"""Cines in zip and tar archives."""

from __future__ import annotations

import io
import os
import stat
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from cine_files import write_clip, write_stack

import medvos.cine.archive as archive_module
from medvos.cine.archive import unpacked
from medvos.cine.read import open_clip, read
from medvos.errors import InputError


@pytest.fixture(autouse=True)
def temporary(tmp_path_factory, monkeypatch) -> Path:
    """The place of temporary folders, which goes with the other folders of the tests."""
    place = tmp_path_factory.mktemp("temporary")
    monkeypatch.setattr(archive_module.tempfile, "tempdir", str(place))
    monkeypatch.setattr(archive_module, "_unpacked", {})
    return place


def zipped(folder: Path, archive: Path, prefix: str = "patient/") -> Path:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as file:
        for one in sorted(folder.rglob("*")):
            file.write(one, prefix + one.relative_to(folder).as_posix())
    return archive


def tarred(folder: Path, archive: Path) -> Path:
    with tarfile.open(archive, "w" if archive.suffix == ".tar" else "w:gz") as file:
        file.add(folder, "patient")
    return archive


def holding(archive: Path, **contents: bytes) -> Path:
    with zipfile.ZipFile(archive, "w") as file:
        for name, content in contents.items():
            file.writestr(name, content)
    return archive


def a_volume(path: Path) -> Path:
    image = nib.Nifti1Image(np.random.default_rng(0).normal(100, 9, (20, 18, 3, 5)).astype(np.float32), np.eye(4))
    image.header.set_xyzt_units("mm", "msec")
    image.header["pixdim"][4] = 40
    nib.save(image, path)
    return path


@pytest.mark.parametrize("name", ["p.zip", "P.ZIP", "p.tar", "p.tar.gz", "p.tgz"])
def test_an_archive_of_dicom_is_read_as_its_folder_is(tmp_path, name):
    folder = write_stack(tmp_path / "stack")
    made = (zipped if name.lower().endswith("zip") else tarred)(folder, tmp_path / name)
    np.testing.assert_array_equal(read(made).array, read(folder).array)


def test_the_source_is_the_archive_and_its_files_stay_to_be_read_again(tmp_path):
    made = zipped(write_stack(tmp_path / "stack"), tmp_path / "p.zip")
    cine = read(made)
    assert cine.source.path == str(made)
    assert all(Path(file).is_file() for phase in cine.source.files for file in phase)


def test_a_folder_that_holds_one_archive_alone_is_the_archive(tmp_path):
    folder = write_stack(tmp_path / "stack")
    (tmp_path / "download").mkdir()
    zipped(folder, tmp_path / "download" / "p.zip")
    (tmp_path / "download" / ".DS_Store").write_bytes(b"\0" * 300)
    np.testing.assert_array_equal(read(tmp_path / "download").array, read(folder).array)


def test_a_seed_may_lie_beside_the_archive_of_a_case(tmp_path):
    folder = write_stack(tmp_path / "stack")
    (tmp_path / "case").mkdir()
    zipped(folder, tmp_path / "case" / "p.zip")
    a_volume(tmp_path / "case" / "seed.nii.gz")
    np.testing.assert_array_equal(read(tmp_path / "case").array, read(folder).array)


def test_an_archive_beside_the_images_is_passed_over(tmp_path):
    folder = write_stack(tmp_path / "stack")
    whole = read(folder)
    holding(folder / "viewer.zip", **{"viewer.exe": b"x"})
    np.testing.assert_array_equal(read(folder).array, whole.array)


def test_several_archives_are_for_a_cohort(tmp_path):
    for name in ("p.zip", "q.zip"):
        holding(tmp_path / name, IM1=b"x")
    with pytest.raises(InputError, match=r"holds 2 archives \(p\.zip, q\.zip\): give one, or all to medvos batch"):
        read(tmp_path)


def test_a_volume_in_an_archive_is_read_beside_notes(tmp_path):
    volume = a_volume(tmp_path / "cine.nii.gz")
    made = holding(tmp_path / "p.zip", **{"a/cine.nii.gz": volume.read_bytes(), "a/readme.txt": b"about it"})
    np.testing.assert_array_equal(read(made).array, read(volume).array)


def test_an_archive_of_several_volumes_names_them(tmp_path):
    content = a_volume(tmp_path / "cine.nii.gz").read_bytes()
    made = holding(tmp_path / "p.zip", **{"cine.nii.gz": content, "seed.nii.gz": content})
    with pytest.raises(InputError, match=r"p\.zip holds 2 images \(cine\.nii\.gz, seed\.nii\.gz\)"):
        read(made)


def test_a_clip_in_an_archive_is_opened(tmp_path):
    write_clip(tmp_path / "clip" / "IM1")
    made = zipped(tmp_path / "clip", tmp_path / "p.zip")
    clip = open_clip(made)
    assert clip.source.path == str(made)
    assert sum(1 for _ in clip.steady()) == 6


def test_what_macos_adds_is_left_out(tmp_path):
    folder = write_stack(tmp_path / "stack")
    made = zipped(folder, tmp_path / "p.zip")
    with zipfile.ZipFile(made, "a") as file:
        file.writestr("__MACOSX/patient/._IM0001", b"\x00\x05\x16\x07" + bytes(300))
    assert not list(unpacked(made).rglob("*MACOSX*"))
    np.testing.assert_array_equal(read(made).array, read(folder).array)


def test_messages_name_the_file_in_the_archive_and_no_temporary_folder(tmp_path):
    folder = write_stack(tmp_path / "stack", slices=1, phases=3)
    file = folder / "IM0002"
    file.write_bytes(file.read_bytes()[:700])
    with pytest.raises(InputError, match=r"^patient/IM0002 is cut short"):
        read(zipped(folder, tmp_path / "p.zip"))
    with pytest.raises(InputError, match=r"^The folder q\.zip has no DICOM image"):
        read(holding(tmp_path / "q.zip", **{"readme.txt": b"nothing"}))


@pytest.mark.parametrize("name", ["../IM1", "/etc/IM1", "a/../../IM1", "C:\\IM1", "..\\IM1"])
def test_a_member_that_leads_out_of_the_folder_is_refused(tmp_path, name):
    (tmp_path / "place").mkdir()
    with pytest.raises(InputError, match="leads out of its folder"):
        read(holding(tmp_path / "place" / "p.zip", **{name: b"x"}))
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] == ["p.zip"]


def test_links_in_a_tar_are_not_followed(tmp_path):
    folder = write_stack(tmp_path / "stack")
    made = tarred(folder, tmp_path / "p.tar")
    with tarfile.open(made, "a") as file:
        link = tarfile.TarInfo("patient/link")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        file.addfile(link)
    assert not list(unpacked(made).rglob("link"))
    np.testing.assert_array_equal(read(made).array, read(folder).array)


def test_an_archive_in_an_archive_is_refused(tmp_path):
    inner = holding(tmp_path / "inner.zip", **{"IM1": b"x"})
    with pytest.raises(InputError, match=r"p\.zip holds another archive, inner\.zip"):
        read(holding(tmp_path / "p.zip", **{"inner.zip": inner.read_bytes()}))


def test_an_encrypted_archive_is_refused_in_one_sentence(tmp_path):
    made = holding(tmp_path / "p.zip", IM1=b"x" * 100)
    content = bytearray(made.read_bytes())
    content[6] |= 1  # the flag in the member's header, and in the list at the end
    content[content.index(b"PK\x01\x02") + 8] |= 1
    made.write_bytes(content)
    with pytest.raises(InputError, match=r"^p\.zip is encrypted: unpack it with its password"):
        read(made)


@pytest.mark.parametrize("part", [0.5, 0.95])
def test_a_damaged_archive_is_named(tmp_path, part):
    made = zipped(write_stack(tmp_path / "stack"), tmp_path / "p.zip")
    content = made.read_bytes()
    made.write_bytes(content[: int(len(content) * part)])
    with pytest.raises(InputError, match=r"p\.zip cannot be read as an archive"):
        read(made)


def test_an_archive_that_grows_absurdly_is_refused_and_nothing_of_it_stays(tmp_path, temporary, monkeypatch):
    monkeypatch.setattr(archive_module, "SMALL_BYTES", 2**20)
    made = tmp_path / "bomb.zip"
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("IM1", bytes(2**26))
    with pytest.raises(InputError, match=r"bomb\.zip holds more than can be unpacked"):
        read(made)
    assert not list(temporary.iterdir())


def test_archives_that_python_does_not_unpack_are_named(tmp_path):
    (tmp_path / "p.7z").write_bytes(b"7z\xbc\xaf\x27\x1c")
    with pytest.raises(InputError, match=r"^p\.7z is an archive of a kind"):
        read(tmp_path / "p.7z")


def test_two_members_of_one_name_are_both_kept(tmp_path):
    folder = write_stack(tmp_path / "stack", slices=1)
    made = tmp_path / "p.tar"
    with tarfile.open(made, "w") as file:
        for one in sorted(folder.iterdir()):
            content = one.read_bytes()
            member = tarfile.TarInfo("IM1.dcm")
            member.size = len(content)
            file.addfile(member, io.BytesIO(content))
    np.testing.assert_array_equal(read(made).array, read(folder).array)


@pytest.mark.skipif(os.name == "nt", reason="permissions are POSIX")
def test_what_is_unpacked_is_private_and_gone_when_the_process_ends(tmp_path):
    made = zipped(write_stack(tmp_path / "stack"), tmp_path / "p.zip")
    program = (
        "import sys; from medvos.cine.archive import unpacked; print(unpacked(__import__('pathlib').Path(sys.argv[1])))"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path / "temporary")}
    (tmp_path / "temporary").mkdir()
    ran = subprocess.run(
        [sys.executable, "-c", program, made], capture_output=True, text=True, env=environment, check=True
    )
    assert Path(ran.stdout.strip()).is_relative_to(tmp_path / "temporary")
    assert not list((tmp_path / "temporary").iterdir())
    assert stat.S_IMODE(unpacked(made).parent.stat().st_mode) == 0o700
