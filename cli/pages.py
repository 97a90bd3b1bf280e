"""``sales-insights pages``: the web pages over the published data."""

from __future__ import annotations

from typing import Annotated

import typer

from config.workspace import Workspace


def pages(
    host: Annotated[
        str,
        typer.Option(
            help="The address to listen at. 0.0.0.0: all of this machine; put a proxy with sign-in before it."
        ),
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="The port to listen at.")] = 8090,
) -> None:
    """Serve web pages over what is published: scores with their reasons, models with their accuracy, a grade preview.

    Then open http://127.0.0.1:8090. They read the published copy alone, so they may run all day beside the pipeline; a
    new run shows as soon as it is published. They write nothing, know no users, and need no other host. Ctrl-C stops
    them. The data folder is that of SALES_INSIGHTS_DATA, as for every command; all pages: `docs/pages.md`.
    """
    from dashboards.serve import serve

    serve(Workspace.open(), host, port)
