"""hftbacktest on our recorded orders: exact queue positions, a maker compiled by numba as its documentation shows.

The maker looks each millisecond, its commands take 100 microseconds.
"""

import numpy as np
from hftbacktest import (
    ADD_ORDER_EVENT,
    BUY,
    BUY_EVENT,
    CANCEL_ORDER_EVENT,
    EXCH_EVENT,
    FILL_EVENT,
    GTX,
    LIMIT,
    LOCAL_EVENT,
    MODIFY_ORDER_EVENT,
    SELL_EVENT,
    BacktestAsset,
    HashMapMarketDepthBacktest,
)
from hftbacktest.types import event_dtype
from numba import njit
from timing import best, folder, tell

#: The workload's time runs this much slower: 55 microseconds from event to event.
SLOWER = 50
STEP_NS, LATENCY_NS = 1_000_000, 100_000
LOT, POSITION_MAX, TICK = 100, 5_000, 0.01
BOTH = EXCH_EVENT | LOCAL_EVENT


@njit
def number(feed, at, size):
    """Return a big-endian number."""
    value = 0
    for byte in feed[at : at + size]:
        value = value << 8 | byte
    return value


@njit
def convert(feed, events, sides, quantities, prices):
    """Write the feed's messages as events; an execution is a fill and then what it leaves of the order."""
    at = count = messages = 0
    while at < len(feed):
        length, at = number(feed, at, 2), at + 2
        kind, time, order = feed[at], number(feed, at + 5, 6) * SLOWER, number(feed, at + 11, 8)
        if kind == ord("A"):
            sides[order] = BUY_EVENT if feed[at + 19] == ord("B") else SELL_EVENT
            quantities[order], prices[order] = number(feed, at + 20, 4), number(feed, at + 32, 4) / 10_000
            does = ADD_ORDER_EVENT
        elif kind == ord("E"):
            traded = number(feed, at + 19, 4)
            quantities[order] -= traded
            put(events[count], FILL_EVENT | sides[order], time, (order, traded, prices[order]))
            count += 1
            does = MODIFY_ORDER_EVENT if quantities[order] > 0 else CANCEL_ORDER_EVENT
        else:
            does = CANCEL_ORDER_EVENT
        if kind != ord("R"):
            put(events[count], does | sides[order], time, (order, quantities[order], prices[order]))
            count, messages = count + 1, messages + 1
        at += length
    return count, messages


@njit
def put(event, kind, time, what):
    """Write one event that exchange and trader see at the same time."""
    event["ev"] = kind | BOTH
    event["exch_ts"] = event["local_ts"] = time
    event["order_id"], event["qty"], event["px"] = what


@njit
def make(backtest):
    """Hold one order on each side at the best price, moved when the best has moved; return how many were sent."""
    sent = 0
    while backtest.elapse(STEP_NS) == 0:
        backtest.clear_inactive_orders(0)
        depth, position = backtest.depth(0), backtest.position(0)
        bid = depth.best_bid_tick if position < POSITION_MAX else -1
        ask = depth.best_ask_tick if position > -POSITION_MAX else -1
        orders = backtest.orders(0).values()
        while orders.has_next():
            order = orders.get()
            wanted = bid if order.side == BUY else ask
            if order.price_tick == wanted:
                bid, ask = (-1, ask) if order.side == BUY else (bid, -1)
            elif order.cancellable:
                backtest.cancel(0, order.order_id, False)
            elif order.side == BUY:
                bid = -1
            else:
                ask = -1
        if bid > 0:
            sent += 1
            backtest.submit_buy_order(0, sent, bid * TICK, LOT, GTX, LIMIT, False)
        if ask > 0:
            sent += 1
            backtest.submit_sell_order(0, sent, ask * TICK, LOT, GTX, LIMIT, False)
    return sent


def main() -> None:
    feed = np.fromfile(folder() / "w1.itch", np.uint8)
    events, orders = np.zeros(len(feed) // 15, event_dtype), len(feed) // 36
    sides, quantities, prices = np.zeros(orders, np.int64), np.zeros(orders, np.int64), np.zeros(orders)
    count, messages = convert(feed, events, sides, quantities, prices)
    events = events[:count]

    def market() -> HashMapMarketDepthBacktest:
        asset = BacktestAsset().data(events).linear_asset(1.0).constant_order_latency(LATENCY_NS, 0)
        asset = asset.l3_fifo_queue_model().no_partial_fill_exchange().trading_value_fee_model(-1e-6, 3e-6)
        return HashMapMarketDepthBacktest([asset.tick_size(TICK).lot_size(1)])

    def run(backtest: HashMapMarketDepthBacktest) -> None:
        sent, traded = make(backtest), backtest.state_values(0).trading_volume
        backtest.close()
        if sent == 0 or traded == 0:
            raise SystemExit(f"the maker sent {sent} orders and traded {traded}; it must do both")

    run(market())  # Compiles what it compiles.
    tell({"backtest.l3.maker.events_per_s": messages / best(market, run)})


if __name__ == "__main__":
    main()
