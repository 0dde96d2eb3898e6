"""The version of the package, on the ground floor so that reports and exports can name it."""

__version__ = "0.1.0"
