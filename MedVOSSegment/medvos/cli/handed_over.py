"""``medvos handed-over``: one export of a result that the panel hands over, which is no command for people."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from medvos.cli.options import EdOption, EsOption, OutOption
from medvos.cli.out_folder import check_apart, check_same_cine, refuse_to_overwrite


def handed_over(
    name: Annotated[str, typer.Argument(help="Name of the export.")],
    folder: Annotated[Path, typer.Argument(help="Folder that `medvos.report.handed_over` has written.")],
    out: OutOption,
    ed: EdOption = None,
    es: EsOption = None,
) -> None:
    """Write one export of a result that another process of this version has handed over."""
    from medvos.export.by_name import RESULTS, export_by_name
    from medvos.report.handed_over import handed_over as read

    result = read(folder)
    source = result.cine.source
    if source.kind == "dicom" and source.path:
        images = Path(source.path)
        check_apart(out, [source.path] if images.is_file() else source.given)
        refuse_to_overwrite((images,), out)
    if name == RESULTS:
        check_same_cine(out, result.cine)
    export_by_name(name, result, out, (ed, es))
