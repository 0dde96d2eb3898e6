"""``medvos handed-over``: one export of a result that the panel hands over, which is no command for people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from medvos.cli.options import EdOption, EsOption, OutOption


def handed_over(
    name: Annotated[str, typer.Argument(help="Name of the export.")],
    folder: Annotated[Path, typer.Argument(help="Folder that `medvos.report.handed_over` has written.")],
    out: OutOption,
    ed: EdOption = None,
    es: EsOption = None,
) -> None:
    """Write one export of a result that another process of this version has handed over."""
    from medvos.export.by_name import export_by_name
    from medvos.report.handed_over import handed_over as read

    export_by_name(name, read(folder), out, (ed, es))
