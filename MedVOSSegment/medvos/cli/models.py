"""``medvos models``: list the installed weights and their terms of use."""

from __future__ import annotations


def models() -> None:
    """List the trained models with their size, terms and what they are for."""
    from rich.console import Console
    from rich.table import Table

    from medvos.models.store import available

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("model", "MB", "what it is", "terms", "SHA-256"):
        table.add_column(heading, justify="right" if heading == "MB" else "left")
    for model in available():
        table.add_row(model.name, f"{model.size_mb:.1f}", model.summary, model.terms, model.sha256[:12])
    Console().print(table)
