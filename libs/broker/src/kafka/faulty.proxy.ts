import { connect, createServer, type Server, type Socket } from 'node:net';
import type { AppendFaults } from '../contract/under-test.js';

/** What happens to the next produce request that passes. */
type Fault = (request: Buffer, client: Passage) => void;

const PRODUCE = 0;

/**
 * Stands between a client and a Kafka server and spoils produce requests when told to: for tests of what a network may do.
 * It understands frames (a length in front of each message), the request's kind and its correlation id, and nothing else.
 */
export class FaultyProxy {
  #fault: Fault | undefined;
  readonly #passages = new Set<Passage>();

  private constructor(
    private readonly server: Server,
    readonly port: number,
    private readonly target: () => number,
  ) {}

  /** `target` is asked for at every connection, so the server behind may be another one later. */
  static async start(target: () => number): Promise<FaultyProxy> {
    const server = createServer();
    await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy listens on no port');
    const proxy = new FaultyProxy(server, address.port, target);
    server.on('connection', (socket) => proxy.#pass(socket, target()));
    return proxy;
  }
  readonly faults: Required<AppendFaults> = {
    loseAnswer: () => this.#next((request, client) => client.forward(request, 1)),
    loseAppend: () => this.#next(() => undefined),
    repeatAppend: () =>
      this.#next((request, client) => {
        client.forward(request, 1);
        client.forward(request, 0);
      }),
    delayAppend: () => {
      let held: Buffer | undefined;
      this.#next((request) => {
        held = request;
      });
      return { land: () => sendAlone(held, this.target()) };
    },
  };

  /** Freezes the connections that are open now, as if the process had stopped; later ones are not affected. Returns a function that ends it. */
  freeze(): () => void {
    const frozen = [...this.#passages];
    for (const passage of frozen) passage.freeze();
    return () => {
      for (const passage of frozen) passage.thaw();
    };
  }

  async stop(): Promise<void> {
    for (const passage of this.#passages) passage.end();
    await new Promise((closed) => this.server.close(closed));
  }

  #next(fault: Fault): void {
    this.#fault = fault;
  }

  #pass(client: Socket, port: number): void {
    const passage = new Passage(client, connect({ host: '127.0.0.1', port }), (request) => {
      const fault = request.readInt16BE(4) === PRODUCE ? this.#fault : undefined;
      if (fault === undefined) passage.forward(request, 0);
      else {
        this.#fault = undefined;
        fault(request, passage);
      }
    });
    this.#passages.add(passage);
    client.once('close', () => this.#passages.delete(passage));
  }
}

class Passage {
  /** Correlation ids of answers the client must not see, and how many of each. */
  readonly #hidden = new Map<number, number>();

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    onRequest: (request: Buffer) => void,
  ) {
    client.setNoDelay(true);
    server.setNoDelay(true);
    for (const socket of [client, server]) {
      socket.on('error', () => this.end());
      socket.on('close', () => this.end());
    }
    onFrames(client, onRequest);
    onFrames(server, (answer) => {
      const id = answer.readInt32BE(4);
      const hidden = this.#hidden.get(id) ?? 0;
      if (hidden > 0) this.#hidden.set(id, hidden - 1);
      else client.write(answer);
    });
  }

  forward(request: Buffer, answersHidden: number): void {
    const id = request.readInt32BE(8);
    this.#hidden.set(id, (this.#hidden.get(id) ?? 0) + answersHidden);
    this.server.write(request);
  }

  freeze(): void {
    this.client.pause();
    this.server.pause();
  }

  thaw(): void {
    this.client.resume();
    this.server.resume();
  }

  end(): void {
    this.client.destroy();
    this.server.destroy();
  }
}

/** Sends a held request over a connection of its own and resolves with its answer. */
function sendAlone(request: Buffer | undefined, port: number): Promise<void> {
  if (request === undefined) throw new Error('no append was held');
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port }, () => socket.write(request));
    socket.once('error', reject);
    onFrames(socket, () => {
      socket.destroy();
      resolve();
    });
  });
}

function onFrames(socket: Socket, onFrame: (frame: Buffer) => void): void {
  let pending = Buffer.alloc(0);
  socket.on('data', (data) => {
    pending = Buffer.concat([pending, data]);
    while (pending.length >= 4 && pending.length >= 4 + pending.readInt32BE(0)) {
      const length = 4 + pending.readInt32BE(0);
      onFrame(pending.subarray(0, length));
      pending = pending.subarray(length);
    }
  });
}
