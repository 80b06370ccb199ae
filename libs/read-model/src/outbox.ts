import type { Port } from './thread.server.js';

/** Sends what is said in one turn of the event loop as one message, in order: most of a message's cost is the message. */
export class Outbox<Message> {
  #messages: Message[] = [];
  #transfer: ArrayBuffer[] = [];

  constructor(private readonly port: Port) {}

  /** @param transfer moved to the other side, not copied */
  send(message: Message, transfer?: ArrayBuffer): void {
    this.#messages.push(message);
    if (transfer !== undefined) this.#transfer.push(transfer);
    if (this.#messages.length === 1) setImmediate(() => this.#flush());
  }

  #flush(): void {
    const messages = this.#messages;
    const transfer = this.#transfer;
    this.#messages = [];
    this.#transfer = [];
    this.port.postMessage(messages, transfer);
  }
}
