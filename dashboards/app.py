"""The application: an address for every page, and a page for everything that can go wrong."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any, Final

import duckdb
import plotly
from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse
from fastapi.staticfiles import StaticFiles
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from dashboards import grades as grade_pages
from dashboards import index as index_pages
from dashboards import lists
from dashboards import model as model_pages
from dashboards import record as record_pages
from dashboards.formats import FILTERS
from dashboards.kinds import KINDS, Kind
from dashboards.published import NothingPublished, Published, open_published

_LOG = logging.getLogger(__name__)
_HERE: Final = Path(__file__).parent
_PLOTLY: Final = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
_LEAD, _OPPORTUNITY = KINDS
_HEADERS: Final = {
    # Pages follow the pointer, so nobody shows one without asking whether it is still so.
    "Cache-Control": "private, no-cache",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
_FOR_A_DAY: Final = "public, max-age=86400"


def create_app(folder: Path) -> FastAPI:
    """The pages over a folder of published runs.

    Args:
        folder: ``published/`` of the data folder; it may be empty, or not there yet.
    """
    app = FastAPI(title="Sales Insights", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.folder = folder
    app.state.templates = _templates()
    app.add_middleware(GZipMiddleware, minimum_size=1000)
    app.middleware("http")(_with_headers)
    app.add_api_route("/static/plotly.min.js", plotly_script, response_class=FileResponse)
    app.mount("/static", StaticFiles(directory=_HERE / "static"), name="static")
    app.add_api_route("/health", health)
    for path, page in _PAGES.items():
        app.add_api_route(path, page, response_class=HTMLResponse)
    for error, handler in _HANDLERS.items():
        app.add_exception_handler(error, handler)
    return app


def published_run(request: Request) -> Iterator[Published]:
    """The run that is current at this request, closed when it is answered."""
    with open_published(request.app.state.folder) as published:
        yield published


Run = Annotated[Published, Depends(published_run)]


def health(request: Request) -> JSONResponse:
    """That the pages are served, and what they show; for whoever watches the service."""
    try:
        with open_published(request.app.state.folder) as published:
            return JSONResponse({"status": "ok", "run_id": published.run_id, "as_of_date": str(published.as_of)})
    except NothingPublished:
        return JSONResponse({"status": "ok", "run_id": None, "as_of_date": None})


def plotly_script() -> FileResponse:
    """Plotly's script, from the installed package: pages need no other host."""
    return FileResponse(_PLOTLY, media_type="text/javascript")


def index(request: Request, run: Run) -> HTMLResponse:
    """Scores and their models."""
    return _page(request, "index.html", run, index_pages.index(run))


def search(request: Request, run: Run, q: Annotated[str, Query(max_length=200)] = "") -> HTMLResponse:
    """Records by key or name."""
    return _page(request, "search.html", run, index_pages.search(run, q))


def leads(request: Request, run: Run, wanted: Annotated[lists.Wanted, Query()]) -> HTMLResponse:
    """My Open Leads Scored."""
    return _list(request, run, _LEAD, wanted)


def opportunities(request: Request, run: Run, wanted: Annotated[lists.Wanted, Query()]) -> HTMLResponse:
    """My Open Opportunities Scored."""
    return _list(request, run, _OPPORTUNITY, wanted)


def lead(request: Request, run: Run, record_id: str) -> HTMLResponse:
    """The score of a lead."""
    return _record(request, run, _LEAD, record_id)


def opportunity(request: Request, run: Run, record_id: str) -> HTMLResponse:
    """The score of an opportunity."""
    return _record(request, run, _OPPORTUNITY, record_id)


def model(request: Request, run: Run, model_name: str, version: str = "") -> HTMLResponse:
    """How good a model is."""
    told = model_pages.model(run, model_name, version)
    if told is None:
        what = f"version {version} of the model {model_name}" if version else f"model {model_name}"
        raise HTTPException(404, f"There is no {what} in what was published. The first page lists all models.")
    return _page(request, "model.html", run, told)


def attribute(request: Request, run: Run, model_name: str, name: str) -> HTMLResponse:
    """What an attribute does in a model."""
    told = model_pages.attribute(run, model_name, name)
    if told is None:
        raise HTTPException(
            404, f"The model {model_name} has no attribute {name}. The model's page lists those that it has."
        )
    return _page(request, "attribute.html", run, told)


def grades(request: Request, run: Run, model_name: str, asked: Annotated[grade_pages.Asked, Query()]) -> HTMLResponse:
    """What other grades would mean."""
    told = grade_pages.editor(run, model_name, asked)
    if told is None:
        raise HTTPException(404, f"There is no model {model_name} in the newest run. The first page lists all models.")
    return _page(request, "grades.html", run, told, status=422 if told["refused"] else 200)


_PAGES: Final[dict[str, Callable[..., HTMLResponse]]] = {
    "/": index,
    "/search": search,
    "/leads": leads,
    "/leads/{record_id:path}": lead,
    "/opportunities": opportunities,
    "/opportunities/{record_id:path}": opportunity,
    "/models/{model_name}": model,
    "/models/{model_name}/attributes/{name:path}": attribute,
    "/grades/{model_name}": grades,
}


def _list(request: Request, run: Published, kind: Kind, wanted: lists.Wanted) -> HTMLResponse:
    try:
        told = lists.open_list(run, kind, wanted)
    except ValueError as error:
        raise HTTPException(400, str(error)) from error
    return _page(request, "list.html", run, told)


def _record(request: Request, run: Published, kind: Kind, record_id: str) -> HTMLResponse:
    told = record_pages.record(run, kind, record_id)
    if told is None:
        raise HTTPException(
            404,
            f"There is no {kind.nouns.record} with the key '{record_id}', and none of its scores is kept: it never was "
            f"scored, or it was erased. Search for it by name, or look through all open {kind.nouns.records}.",
        )
    return _page(request, "record.html", run, told)


def _page(
    request: Request, name: str, run: Published | None, told: dict[str, Any], *, status: int = 200
) -> HTMLResponse:
    template = request.app.state.templates.get_template(name)
    return HTMLResponse(template.render(run_shown=run, kinds=KINDS, path=request.url.path, **told), status)


def _message(request: Request, status: int, title: str, message: str) -> HTMLResponse:
    return _page(request, "message.html", None, {"title": title, "message": message}, status=status)


def _nothing_published(request: Request, error: Exception) -> Response:
    return _message(request, 503, "Nothing is published yet", str(error))


def _refused(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    if error.status_code == 404 and error.detail == "Not Found":
        return _message(request, 404, "There is no such page", "The first page links to all there is.")
    title = "This is not there" if error.status_code == 404 else "This cannot be shown"
    return _message(request, error.status_code, title, error.detail)


def _mistyped(request: Request, error: Exception) -> Response:
    if not isinstance(error, RequestValidationError):
        raise error
    told = "; ".join(f"{each['loc'][-1]}: {each['msg']}" for each in error.errors())
    return _message(request, 400, "The address asks for what cannot be", f"{told}. Put it right, or leave it out.")


def _unreadable(request: Request, error: Exception) -> Response:
    """A run that lacks a table or a column was published by an older product; one that is gone was just removed."""
    _LOG.error("%s: the published run cannot be read", request.url.path, exc_info=error)
    message = (
        "The published run cannot be read as these pages expect: another version of the product made it, or its files "
        "are gone. Publish again with 'sales-insights build marts' and 'sales-insights publish', then reload."
    )
    return _message(request, 503, "The published run cannot be read", message)


def _failed(request: Request, _: Exception) -> Response:
    """What nobody has foreseen; Starlette raises it again behind this answer, so the log has all of it."""
    return _message(request, 500, "This did not work", "The reason is in the log of 'sales-insights pages'.")


Handler = Callable[[Request, Exception], Response]
_HANDLERS: Final[dict[type[Exception], Handler]] = {
    NothingPublished: _nothing_published,
    HTTPException: _refused,
    RequestValidationError: _mistyped,
    duckdb.Error: _unreadable,
    OSError: _unreadable,
    Exception: _failed,
}


async def _with_headers(request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
    response = await call_next(request)
    for name, value in _HEADERS.items():
        response.headers[name] = value
    if request.url.path.startswith("/static/") and response.status_code < 300:
        response.headers["Cache-Control"] = _FOR_A_DAY
    return response


def _templates() -> Environment:
    """Templates that escape whatever they show, and fail on a name that nobody gave them."""
    templates = Environment(
        loader=FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters.update(FILTERS)
    content = b"".join(path.read_bytes() for path in sorted((_HERE / "static").iterdir()))
    templates.globals["static_version"] = sha256(content + plotly.__version__.encode()).hexdigest()[:10]
    return templates
