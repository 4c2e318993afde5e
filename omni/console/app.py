"""The console's application: routes, door, and the link to the node."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, cast

from litestar import Litestar, MediaType, Request, Response, get
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.handlers import HTTPRouteHandler
from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

from omni.console import routes
from omni.console.access import Application, Door
from omni.console.asset import Asset, load_assets
from omni.console.credential import Token
from omni.console.node import Node, NodeRefusalError, NodeUnreachableError

_HANDLERS = (
    routes.live,
    routes.ready,
    routes.metrics,
    routes.session_state,
    routes.session_open,
    routes.session_close,
    routes.view,
    routes.kill,
    routes.resume,
    routes.stop,
    routes.speed,
    routes.strategy,
    routes.stream,
)


def build_app(node: Node, token: Token, port: int) -> Application:
    """Return the console of `node` as it listens on `port`, behind its door."""
    assets = load_assets()
    app = Litestar(
        route_handlers=[*_HANDLERS, _asset_handler(assets)],
        state=State({"node": node, "token": token, "port": port}),
        lifespan=[_lifespan(node)],
        openapi_config=OpenAPIConfig(
            title="OMNI Alpha console",
            version="1",
            description="One running node: its view, and what an operator may do. See docs/reference/console.md.",
            path="/api/schema",
            render_plugins=[JsonRenderPlugin(path="/openapi.json")],
        ),
        exception_handlers={
            HTTPException: _http_error,
            NodeRefusalError: _node_refusal,
            NodeUnreachableError: _node_unreachable,
        },
        request_max_body_size=16_384,
        logging_config=None,
    )
    return Door(cast("Application", app), token, port, frozenset({"/livez", *assets}))


def _lifespan(node: Node) -> Callable[[Litestar], Any]:
    @asynccontextmanager
    async def linked(_: Litestar) -> AsyncIterator[None]:
        node.start()
        try:
            yield
        finally:
            await node.stop()

    return linked


def _asset_handler(assets: dict[str, Asset]) -> HTTPRouteHandler:
    @get(sorted(assets), include_in_schema=False)
    async def asset(request: Request[Any, Any, State]) -> Response[bytes]:
        """Give one of the page's files; they are the same for every run."""
        found = assets[request.url.path]
        return Response(found.content, media_type=found.media_type, headers={"cache-control": found.cache_control})

    return asset


def _http_error(_: Request[Any, Any, Any], error: HTTPException) -> Response[dict[str, str]]:
    extra = error.extra if isinstance(error.extra, list) else []
    causes = [f"{cause.get('key', 'body')}: {cause.get('message')}" for cause in extra if isinstance(cause, dict)]
    return _problem(error.status_code, "; ".join(causes) or error.detail)


def _node_refusal(_: Request[Any, Any, Any], error: NodeRefusalError) -> Response[dict[str, str]]:
    return _problem(409, str(error))


def _node_unreachable(_: Request[Any, Any, Any], error: NodeUnreachableError) -> Response[dict[str, str]]:
    return _problem(503, str(error))


def _problem(status: int, detail: str) -> Response[dict[str, str]]:
    return Response({"detail": detail}, status_code=status, media_type=MediaType.JSON)
