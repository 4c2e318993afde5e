/** The node's view, as docs/reference/control-protocol.md describes it. */

/** Digits: nanoseconds or an id, which pass 2^53. */
export type Digits = string;
/** Exact decimal text: money. */
export type Money = string;

export interface Run {
  id: string;
  mode: "sim" | "paper" | "live";
  environment: string;
  version: string;
  seed: Digits | null;
  started_ns: Digits;
}

export interface Clock {
  time_ns: Digits;
  start_ns: Digits;
  end_ns: Digits | null;
  seq: number;
  inputs_per_s: number;
  speed: number | null;
  progress: number | null;
  state: "starting" | "running" | "killed" | "stopping" | "done";
}

export interface Kill {
  on: boolean;
  reason: string | null;
  since_ns: Digits | null;
}

/** What the gate holds an account to. */
export interface Limits {
  order_quantity_max: number;
  order_notional_max: Money;
  collar_bps: number;
  position_max: number;
  gross_exposure_max: Money;
  open_orders_max: number;
  message_rate: { count: number; window_ns: number };
  drawdown_max: Money;
}

export interface Account {
  account: number;
  /** Who trades it; null where nobody does now. */
  session: number | null;
  name: string;
  strategy: string | null;
  currency: string;
  cash: Money;
  equity: Money;
  realised: Money;
  unrealised: Money;
  fees: Money;
  peak: Money;
  drawdown: Money;
  drawdown_max: Money;
  gross_exposure: Money;
  open_orders: number;
  /** Orders sent, refused ones included. */
  orders: number;
  fills: number;
  /** Refused orders, cancels and amends. */
  refusals: number;
  limits: Limits;
  state: "running" | "stopped" | "faulted";
  fault: string | null;
}

export interface Position {
  account: number;
  instrument: number;
  quantity: number;
  average_price: number | null;
  mark: number | null;
  unrealised: Money;
  realised: Money;
}

export type Side = "buy" | "sell";

export interface Order {
  session: number;
  account: number;
  client_order_id: Digits;
  order_id: Digits;
  instrument: number;
  side: Side;
  order_type: string;
  time_in_force: string;
  price: number | null;
  quantity: number;
  leaves: number;
  time_ns: Digits;
}

export interface Fill {
  index: number;
  seq: number;
  time_ns: Digits;
  session: number;
  account: number;
  instrument: number;
  side: Side;
  price: number;
  quantity: number;
  trade_id: Digits;
  liquidity: "maker" | "taker" | "auction";
  fee: Money;
}

export interface EquityPoint {
  time_ns: Digits;
  equity: Record<string, Money>;
}

export interface Bar {
  time_ns: Digits;
  open: number;
  high: number;
  low: number;
  close: number;
  volume: number;
}

/** Price, quantity, number of orders, how much of the quantity is ours. */
export type Level = [price: number, quantity: number, orders: number, own: number];

export interface Depth {
  time_ns: Digits;
  state: "pre_open" | "open" | "halted" | "paused" | "closing" | "closed";
  last_price: number | null;
  bids: Level[];
  asks: Level[];
}

export interface Percentiles {
  count: number;
  p50_ns: number;
  p90_ns: number;
  p99_ns: number;
  p999_ns: number;
  max_ns: number;
}

export interface Instrument {
  id: number;
  symbol: string;
  venue: string;
  asset_class: string;
  currency: string;
  price_unit: string;
  quantity_unit: string;
  multiplier: string;
  tick: number;
  lot: number;
}

export interface Counters {
  inputs: number;
  orders: number;
  fills: number;
  cancels: number;
  trades: number;
  /** Cancels and amends of strategies that came after their order's end: not refusals. */
  too_late: number;
}

/** A list that only grows at its end; `first` is the running index of the first item held. */
export interface Tail<T> {
  first: number;
  items: T[];
}

export type Bars = Tail<Bar> & { interval_ns: number };

export interface View {
  run: Run;
  clock: Clock;
  kill: Kill;
  accounts: Account[];
  positions: Position[];
  orders: Order[];
  fills: Tail<Fill>;
  refusals: Record<string, number>;
  equity: Tail<EquityPoint>;
  bars: Record<string, Bars>;
  /** Our fills in the watched instruments, of the whole day. */
  watched_fills: Record<string, Tail<Fill>>;
  depth: Record<string, Depth>;
  latency: Record<string, Percentiles>;
  instruments: Instrument[];
  counters: Counters;
}

/** New items from index `from` on; items below `first` are let go. */
export type TailDelta<T> = Tail<T> & { from: number };

export type Changed = Partial<Omit<View, "fills" | "equity" | "bars" | "watched_fills">> & {
  fills?: TailDelta<Fill>;
  equity?: TailDelta<EquityPoint>;
  bars?: Record<string, (TailDelta<Bar> & { interval_ns: number }) | null>;
  watched_fills?: Record<string, TailDelta<Fill> | null>;
};

/** What the console's server says about its own link to the node. */
export interface LinkMessage {
  type: "link";
  connected: boolean;
  message: string;
  /** Where the run's report will be. */
  report: string;
}

export type Message =
  | { type: "snapshot"; number: number; view: View }
  | { type: "delta"; number: number; changed: Changed }
  | { type: "watching"; instruments: number[]; error: string | null }
  | LinkMessage;
