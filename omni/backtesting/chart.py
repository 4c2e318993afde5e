"""Equity and drawdown as an inline SVG picture, for notebooks without matplotlib."""

from typing import TYPE_CHECKING, Any

from omni.backtesting.metric import drawdowns

if TYPE_CHECKING:
    import numpy as np

    Array = np.ndarray[Any, Any]

_WIDTH, _HEIGHT, _LOWER = 640, 150, 50
_POINTS = 640


def svg(time: "Array", equity: "Array", cash: float) -> str:
    """Draw equity above and drawdown below."""
    chosen = _thinned(len(time))
    x = _scaled(time[chosen].astype(float), _WIDTH)
    upper = _HEIGHT - _scaled(equity[chosen].astype(float), _HEIGHT)
    depth = drawdowns(equity, cash)[chosen]
    lower = _HEIGHT + 8 + _scaled(depth, _LOWER, floor=0.0)
    height = _HEIGHT + _LOWER + 12
    area = f"0,{_HEIGHT + 8} {_points(x, lower)} {_WIDTH},{_HEIGHT + 8}"
    return (
        f'<svg role="img" aria-label="Equity from {equity[0]:,.2f} to {equity[-1]:,.2f}, '
        f'largest drawdown {depth.max():.2%}" viewBox="0 -2 {_WIDTH} {height}" '
        f'style="max-width:{_WIDTH}px;width:100%" xmlns="http://www.w3.org/2000/svg">'
        f'<polyline fill="none" stroke="#1f77b4" stroke-width="1.5" points="{_points(x, upper)}"/>'
        f'<polygon fill="#d62728" fill-opacity="0.35" points="{area}"/></svg>'
    )


def _thinned(rows: int) -> "Array":
    import numpy as np  # noqa: PLC0415

    return np.unique(np.linspace(0, rows - 1, min(rows, _POINTS)).astype(np.int64))


def _scaled(values: "Array", length: float, floor: float | None = None) -> "Array":
    low = float(values.min()) if floor is None else floor
    spread = float(values.max()) - low
    return (
        (values - low) * (length / spread) if spread > 0 else values * 0.0 + (0.0 if floor is not None else length / 2)
    )


def _points(x: "Array", y: "Array") -> str:
    return " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x.tolist(), y.tolist(), strict=True))
