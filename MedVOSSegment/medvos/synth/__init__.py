"""A synthetic beating heart: short-axis cine MRI with exact labels, volumes and ejection fractions."""
