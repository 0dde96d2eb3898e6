"""The base of the networks' configurations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class NetworkConfig:
    """Sizes that fix the weights of a network; each network has a subclass with its own fields."""

    @classmethod
    def of(cls, entries: dict[str, Any]) -> Self:
        """Return the configuration that JSON holds, with lists turned into tuples.

        Fields that ``entries`` lacks keep their defaults.

        Raises
        ------
        TypeError: an entry is not a field.

        Example
        -------
        >>> TcmnConfig.of({"decoder_channels": [80, 48, 24]}).decoder_channels
        (80, 48, 24)
        """
        return cls(**{key: tuple(value) if isinstance(value, list) else value for key, value in entries.items()})
