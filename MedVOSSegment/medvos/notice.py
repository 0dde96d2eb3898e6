"""The research-only notice that stands wherever predicted microvascular obstruction is shown."""

from __future__ import annotations

NOTICE = (
    "Microvascular obstruction was predicted: trained on simulated motion, not validated on patients, research only."
)
# For header fields of at most 79 characters.
SHORT_NOTICE = "MVO trained on simulated motion, not validated on patients, research only"
