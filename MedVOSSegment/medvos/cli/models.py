"""``medvos models``: list the installed weights and their terms of use."""

from __future__ import annotations


def models() -> None:
    """List the trained models with their size, terms and what they are for."""
    from rich.console import Console
    from rich.table import Table

    from medvos.models.store import aliases, available

    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in ("model (other name)", "MB", "what it is", "terms", "SHA-256"):
        table.add_column(heading, justify="right" if heading == "MB" else "left")
    others = aliases()
    for model in available():
        same = ", ".join(alias for alias, name in others.items() if name == model.name)
        name = f"{model.name} ({same})" if same else model.name
        table.add_row(name, f"{model.size_mb:.1f}", model.summary, model.terms, model.sha256[:12])
    Console().print(table)
