"""The research-only notice that goes with every prediction of microvascular obstruction (MVO)."""

NOTICE = (
    "Microvascular obstruction was looked for: trained on simulated motion, not validated on patients, research only."
)
# For places with room for at most 79 characters.
SHORT_NOTICE = "MVO trained on simulated motion, not validated on patients, research only"
