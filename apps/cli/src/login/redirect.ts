import { createServer } from 'node:http';

const PATH = '/callback';
const WAIT_MS = 300_000;

export interface Redirect {
  /** The address that the issuer sends the browser back to: this machine, on a free port. */
  readonly address: string;
  /** Resolves with what it was sent. */
  readonly arrived: Promise<URL>;
  close(): void;
}

/** Waits for the browser to come back from the issuer. */
export async function awaitRedirect(): Promise<Redirect> {
  let arrive: (url: URL) => void = () => undefined;
  let fail: (error: Error) => void = () => undefined;
  const arrived = new Promise<URL>((resolve, reject) => {
    arrive = resolve;
    fail = reject;
  });
  arrived.catch(() => undefined); // The failure reaches whoever waits; it is possible that nobody waits yet.
  const server = createServer(({ url = '/' }, response) => {
    const sent = new URL(url, addressOf());
    if (sent.pathname !== PATH) return void response.writeHead(404).end();
    response
      .writeHead(200, { 'content-type': 'text/plain; charset=utf-8', connection: 'close' })
      .end('You can close this window and go back to the terminal.\n');
    arrive(sent);
  });
  const addressOf = () => {
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('nothing listens for the login');
    return `http://127.0.0.1:${address.port}${PATH}`;
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const late = setTimeout(() => fail(new Error('nobody logged in within five minutes')), WAIT_MS);
  return {
    address: addressOf(),
    arrived,
    close() {
      clearTimeout(late);
      server.closeAllConnections();
      server.close();
    },
  };
}
