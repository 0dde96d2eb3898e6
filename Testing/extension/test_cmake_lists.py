"""Everything that must be installed is listed in CMake, and an installed extension finds all of it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from extension.checkout import MODULE, RESOURCES, ROOT, listed, shipped

# What Slicer's own CMake files do with the lists, as far as it matters here.
FAKE_SLICER = """
set(Slicer_QTSCRIPTEDMODULES_LIB_DIR lib/Slicer-5/qt-scripted-modules)
set(Slicer_INSTALL_QTSCRIPTEDMODULES_LIB_DIR lib/Slicer-5/qt-scripted-modules)
foreach(file Slicer_USE_FILE Slicer_EXTENSION_GENERATE_CONFIG Slicer_EXTENSION_CPACK)
  set(${file} ${CMAKE_CURRENT_LIST_DIR}/nothing.cmake)
endforeach()
macro(slicerMacroBuildScriptedModule)
  cmake_parse_arguments(MY "WITH_GENERIC_TESTS" "NAME" "SCRIPTS;RESOURCES" ${ARGN})
  foreach(file ${MY_SCRIPTS} ${MY_RESOURCES})
    if(NOT EXISTS ${CMAKE_CURRENT_SOURCE_DIR}/${file})
      message(FATAL_ERROR "${file} does not exist")
    endif()
    get_filename_component(folder ${file} DIRECTORY)
    install(FILES ${file} DESTINATION ${Slicer_INSTALL_QTSCRIPTEDMODULES_LIB_DIR}/${folder})
  endforeach()
endmacro()
"""


def test_every_python_file_of_the_module_is_listed_once():
    scripts = listed(MODULE / "CMakeLists.txt", "MODULE_PYTHON_SCRIPTS")
    assert sorted(scripts) == [name for name in shipped(MODULE) if name.endswith(".py")]


def test_every_other_file_of_the_module_is_listed_once():
    resources = listed(MODULE / "CMakeLists.txt", "MODULE_PYTHON_RESOURCES")
    assert sorted(resources) == [name for name in shipped(MODULE) if not name.endswith(".py")]


def test_every_weight_and_table_is_listed_once():
    assert sorted(listed(RESOURCES / "CMakeLists.txt", "RESOURCES")) == shipped(RESOURCES)


@pytest.mark.skipif(shutil.which("cmake") is None, reason="needs cmake")
def test_the_installed_extension_finds_its_weights_and_tables(tmp_path: Path):
    fake = tmp_path / "slicer"
    fake.mkdir()
    (fake / "SlicerConfig.cmake").write_text(FAKE_SLICER)
    (fake / "nothing.cmake").touch()
    build, prefix = tmp_path / "build", tmp_path / "installed"
    configure = ["cmake", "-S", str(ROOT), "-B", str(build), f"-DSlicer_DIR={fake}", f"-DCMAKE_INSTALL_PREFIX={prefix}"]
    subprocess.run([*configure, "-DBUILD_TESTING=OFF"], check=True, capture_output=True)
    subprocess.run(["cmake", "--install", str(build)], check=True, capture_output=True)

    modules = prefix / "lib" / "Slicer-5" / "qt-scripted-modules"
    look = (
        "from medvos.models.store import verified_bytes, available\n"
        "from MedVOSSegmentLib.scene.resources import TERMINOLOGY, UNCERTAINTY_COLOURS\n"
        "assert all(verified_bytes(model) for model in available())\n"
        "assert TERMINOLOGY.is_file() and UNCERTAINTY_COLOURS.is_file()\n"
        "import medvos, MedVOSSegmentLib\n"
        "print(medvos.__file__, MedVOSSegmentLib.__file__)"
    )
    found = subprocess.run(
        [sys.executable, "-c", look],
        env={"PYTHONPATH": str(modules)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stderr
    assert all(Path(file).is_relative_to(modules) for file in found.stdout.split())
