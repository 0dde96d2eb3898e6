"""Read scanner files as one `Cine`, and seeds on its grid. Heavy libraries are imported when a file is read."""

from medvos.cine.cine import Cine, Source
from medvos.cine.describe import describe
from medvos.cine.read import read
from medvos.cine.seed import Seed, read_seed, seed_from_array
from medvos.cine.write import write_nifti

__all__ = ["Cine", "Seed", "Source", "describe", "read", "read_seed", "seed_from_array", "write_nifti"]
