"""``sales-insights demo``: the demo organisation's files, or its services to read them from."""

from __future__ import annotations

import signal
import threading
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from config.workspace import Workspace


class Size(StrEnum):
    """The sizes of the demo organisation."""

    tiny = "tiny"
    small = "small"
    large = "large"


class ServedSize(StrEnum):
    """The sizes that are served."""

    tiny = "tiny"
    small = "small"


AsOf = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DAY", help="The day to work on, YYYY-MM-DD. Default: the organisation's own day."),
]


class _WriteUnlessNamed(TyperGroup):
    """``demo`` without a command, perhaps with a folder or options, is ``demo write``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """The arguments, the command in front."""
        named = args[:1] and (args[0] in self.commands or args[0] == "--help")
        return super().parse_args(ctx, args if named else ["write", *args])


app = typer.Typer(
    cls=_WriteUnlessNamed,
    no_args_is_help=False,
    help="Write the demo organisation's export files (`demo`, `demo write`), or serve it as live sources (`serve`).",
)


@app.command()
def write(
    folder: Annotated[Path | None, typer.Argument(help="Where to; default: demo/ in the data folder.")] = None,
    size: Annotated[Size, typer.Option(help="tiny for tests, small for a look, large for benchmarks.")] = Size.small,
    as_of: AsOf = None,
) -> None:
    """Write the export files of the demo organisation, an invented company, as of a day."""
    from extract.demo import write_demo

    workspace = Workspace.open()
    for line in write_demo(folder or workspace.data.demo, size.value, workspace.day(as_of)).lines():
        typer.echo(line)


@app.command()
def serve(
    folder: Annotated[
        Path | None, typer.Argument(help="Where the configuration goes; default: demo/emulated/ in the data folder.")
    ] = None,
    size: Annotated[ServedSize, typer.Option(help="tiny for tests, small for a look.")] = ServedSize.tiny,
    as_of: AsOf = None,
    failures: Annotated[
        int | None, typer.Option(metavar="SEED", help="Fail as the real services do, in places that the seed chooses.")
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65000, help="Port of the first service, the others follow; 0: any that are free.")
    ] = 0,
) -> None:
    """Serve the demo organisation as Dynamics 365 and Exchange would, on this machine over TLS, until Ctrl-C.

    Writes a configuration folder that reads it, for `make run CONFIG=…` and SALES_INSIGHTS_CONFIG.
    """
    from extract.demo.failures import Plan
    from extract.demo.serve import serving

    workspace = Workspace.open()
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: over.set())
    typer.echo("The demo organisation is being made …")
    day, where = workspace.day(as_of), folder or workspace.data.demo / "emulated"
    with serving(
        where.resolve(), size.value, day, plan=None if failures is None else Plan(failures), port=port
    ) as served:
        for line in served.lines():
            typer.echo(line)
        over.wait()
    typer.echo("Stopped.")
