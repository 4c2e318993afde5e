"""Starts the console: `python -m omni.console --run RUN`."""

import argparse
import socket
import sys
from pathlib import Path

from omni.console.credential import TOKEN_FILE, load_token
from omni.console.listener import HOST, PORT_DEFAULT, listen, port_of
from omni.model.error import OmniError


def main(arguments: list[str] | None = None) -> int:
    """Serve until SIGINT or SIGTERM; return the process's exit code."""
    options = _parser().parse_args(arguments)
    token_file = options.token_file or options.run / TOKEN_FILE
    try:
        token = load_token(token_file)
        listener = _listener(options)
    except OmniError as error:
        print(f"omni console: {error}", file=sys.stderr)
        return 2
    port = port_of(listener)
    announce = "" if options.quiet else _announcement(port, token.text, token_file)
    from omni.console.server import serve  # noqa: PLC0415  (a wrong option is said before the server is loaded)

    serve(options.run, token, listener, parent=options.parent, announce=announce)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m omni.console",
        description="The web console of a running node, on 127.0.0.1 only.",
        epilog="example: python -m omni.console --run runs/ID",
    )
    parser.add_argument("--run", type=Path, required=True, help="the run's folder, where the control socket is")
    parser.add_argument("--token-file", type=Path, help="where the token is, or is made (RUN/console.token)")
    parser.add_argument("--port", type=int, default=PORT_DEFAULT, help="port (%(default)s); 0 takes any free one")
    parser.add_argument("--tries", type=int, default=1, help="take the first free of so many ports from --port up")
    parser.add_argument("--fd", type=int, help="listen on this inherited socket instead of opening a port")
    parser.add_argument("--parent", type=int, metavar="PID", help="end when this process, which started it, ends")
    parser.add_argument("--quiet", action="store_true", help="print nothing; the caller shows the address")
    return parser


def _listener(options: argparse.Namespace) -> socket.socket:
    if options.fd is None:
        return listen(options.port, tries=options.tries)
    return socket.socket(fileno=options.fd)


def _announcement(port: int, token: str, token_file: Path) -> str:
    """Return where the console is; the token goes to a terminal and nowhere else."""
    if sys.stdout.isatty():
        return f"console: http://{HOST}:{port}/#token={token}"
    return f"console: http://{HOST}:{port}/ (token in {token_file})"


if __name__ == "__main__":
    sys.exit(main())
