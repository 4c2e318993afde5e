/** What the page shows. The socket changes a plain view; the screen takes it over once per animation frame. */
import { apply } from "./delta";
import { type Units, unitsOf } from "./format";
import { Link } from "./link";
import { remember, remembered } from "./memory";
import type { Message, View } from "./protocol";

/** Without a word for this long while the day runs, the numbers are marked stale. */
export const STALE_AFTER_MS = 2_500;

export type LinkState = "connecting" | "live" | "stale" | "over" | "node lost" | "offline";

export interface Notice {
  id: number;
  text: string;
}

const NOTHING: never[] = [];

export class Desk {
  view = $state.raw<View | null>(null);
  number = $state(0);
  locked = $state(false);
  instrument = $state<number | null>(null);
  notices = $state.raw<Notice[]>([]);

  #connected = $state(false);
  /** What the console said it sends the books and bars of. */
  #watching = $state.raw<readonly number[]>(NOTHING);
  #everConnected = $state(false);
  #nodeConnected = $state(true);
  nodeMessage = $state("");
  /** Where the run's report will be. */
  report = $state("");
  #heardAt = performance.now();
  #now = $state(performance.now());

  #latest: View | null = null;
  #latestNumber = 0;
  #frame = 0;
  #noticeId = 0;
  readonly #link = new Link({
    message: (message) => this.#receive(message),
    connected: () => {
      this.#connected = true;
      this.#everConnected = true;
    },
    lost: () => (this.#connected = false),
    locked: () => (this.locked = true),
  });

  /** Each section by itself: what shows one is drawn again only when that one has changed. */
  readonly clock = $derived(this.view?.clock);
  readonly kill = $derived(this.view?.kill);
  readonly accounts = $derived(this.view?.accounts ?? NOTHING);
  readonly positions = $derived(this.view?.positions ?? NOTHING);
  readonly orders = $derived(this.view?.orders ?? NOTHING);
  readonly fills = $derived(this.view?.fills);
  readonly equity = $derived(this.view?.equity);
  readonly refusals = $derived(this.view?.refusals);
  readonly latency = $derived(this.view?.latency);
  readonly counters = $derived(this.view?.counters);
  readonly instruments = $derived(this.view?.instruments ?? NOTHING);
  readonly depth = $derived(this.instrument === null ? undefined : this.view?.depth[this.instrument]);
  readonly bars = $derived(this.instrument === null ? undefined : this.view?.bars[this.instrument]);
  /** Our fills in the chosen instrument. */
  readonly ours = $derived(this.instrument === null ? undefined : this.view?.watched_fills[this.instrument]);

  readonly units = $derived(new Map<number, Units>(this.instruments.map((i) => [i.id, unitsOf(i)])));
  readonly names = $derived(new Map<number | null, string>(this.accounts.map((a) => [a.session, a.name])));

  /** Whether the run has ended: what is shown is final, whoever goes away now. */
  readonly over = $derived(this.clock?.state === "done");
  /** Whether nobody need end it any more. */
  readonly ending = $derived(this.over || this.clock?.state === "stopping");

  readonly state = $derived.by<LinkState>(() => {
    if (this.over) return "over";
    if (!this.#connected) return this.#everConnected ? "offline" : "connecting";
    if (!this.#nodeConnected) return "node lost";
    if (this.view === null) return "connecting";
    const moves = this.view.clock.state === "running" || this.view.clock.state === "stopping";
    return moves && this.#now - this.#heardAt > STALE_AFTER_MS ? "stale" : "live";
  });

  /** Why nothing of the chosen instrument is here; null where something is. */
  readonly missing = $derived.by<string | null>(() => {
    if (this.depth || this.instrument === null) return null;
    const { label } = this.unitsOf(this.instrument);
    if (!this.over) return `Waiting for the book of ${label}.`;
    if (!this.#connected) return `The console has ended with its run, so nothing of ${label} can be fetched any more.`;
    if (!this.#watching.includes(this.instrument)) return `Fetching what is left of ${label}.`;
    return `Nothing of ${label} was kept at the run's end: the node has room for a part of so many instruments, those traded first.`;
  });

  readonly silentMs = $derived(Math.max(0, this.#now - this.#heardAt));

  open(): void {
    this.locked = false;
    this.#link.connect();
    setInterval(() => (this.#now = performance.now()), 500);
  }

  reopen(): void {
    this.locked = false;
    this.#link.connect();
  }

  /** Shows another instrument, also after a reload of this page. */
  choose(instrument: number): void {
    this.instrument = instrument;
    remember(this.unitsOf(instrument).label);
    this.#link.watch([instrument]);
  }

  unitsOf(instrument: number): Units {
    return this.units.get(instrument) ?? UNKNOWN;
  }

  accountName(id: number): string {
    return this.accounts.find((account) => account.account === id)?.name ?? `account ${id}`;
  }

  /** Says something to the person: what a refused command answered. */
  notify(text: string | null): void {
    if (text === null) return;
    const notice = { id: ++this.#noticeId, text };
    this.notices = [...this.notices.slice(-3), notice];
    setTimeout(() => this.dismiss(notice.id), 12_000);
  }

  dismiss(id: number): void {
    this.notices = this.notices.filter((notice) => notice.id !== id);
  }

  #receive(message: Message): void {
    if (message.type === "link") {
      this.#nodeConnected = message.connected;
      this.nodeMessage = message.message;
      this.report = message.report;
      return;
    }
    if (message.type === "watching") {
      this.#watching = message.instruments;
      this.notify(message.error);
      return;
    }
    this.#heardAt = performance.now();
    if (message.type === "snapshot") this.#latest = message.view;
    else if (this.#latest) this.#latest = apply(this.#latest, message.changed);
    this.#latestNumber = message.number;
    this.#frame ||= requestAnimationFrame(() => setTimeout(() => this.#show()));
  }

  /** Runs between frames: what a chart is told within one it draws in the next, so that its label would come late. */
  #show(): void {
    this.#frame = 0;
    this.view = this.#latest;
    this.number = this.#latestNumber;
    this.#now = performance.now();
    if (this.instrument === null && this.view) this.#chooseFirst(this.view);
  }

  /** Starts on what this page showed before its reload, else on the first instrument that is traded here. */
  #chooseFirst(view: View): void {
    const before = remembered();
    const known = view.instruments.find((instrument) => `${instrument.symbol}.${instrument.venue}` === before)?.id;
    const traded = [...view.orders, ...view.positions].map((row) => row.instrument);
    const first = known ?? (traded.length > 0 ? Math.min(...traded) : view.instruments[0]?.id);
    if (first !== undefined) this.choose(first);
  }
}

const UNKNOWN: Units = { price: { count: 1n, scale: 0 }, quantity: { count: 1n, scale: 0 }, places: 0, label: "?", symbol: "?" };

export const desk = new Desk();
