"""The version of the package, for all modules: reports and exports record it."""

__version__ = "0.2.0"
