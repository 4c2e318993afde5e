/** The page's one WebSocket: connects, listens, and connects again. */
import type { Message } from "./protocol";
import { isOpen } from "./session";

const RETRY_FIRST_MS = 250;
const RETRY_MOST_MS = 5_000;

export interface Listener {
  message(message: Message): void;
  connected(): void;
  lost(): void;
  locked(): void;
}

export class Link {
  #socket: WebSocket | null = null;
  #retryMs = RETRY_FIRST_MS;
  #watched: number[] = [];

  constructor(private readonly listener: Listener) {}

  connect(): void {
    const socket = new WebSocket(`ws://${location.host}/ws`);
    this.#socket = socket;
    socket.onopen = () => {
      this.#retryMs = RETRY_FIRST_MS;
      this.listener.connected();
      this.#send();
    };
    socket.onmessage = (event: MessageEvent<string>) => this.listener.message(JSON.parse(event.data) as Message);
    socket.onclose = () => void this.#closed();
  }

  /** Asks for the books and bars of these instruments, in place of those before. */
  watch(instruments: number[]): void {
    this.#watched = instruments;
    this.#send();
  }

  #send(): void {
    if (this.#socket?.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify({ watch: this.#watched }));
  }

  async #closed(): Promise<void> {
    this.listener.lost();
    const open = await isOpen().catch(() => true);
    if (!open) {
      this.listener.locked();
      return;
    }
    const wait = this.#retryMs * (0.75 + Math.random() / 2);
    this.#retryMs = Math.min(this.#retryMs * 2, RETRY_MOST_MS);
    setTimeout(() => this.connect(), wait);
  }
}
