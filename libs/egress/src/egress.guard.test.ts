import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { inspect } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterEach, expect, test } from 'vitest';
import type { Resolve } from './checked.lookup.js';
import { EgressGuard, type EgressSettings } from './egress.guard.js';

const opened: (Server | EgressGuard)[] = [];
afterEach(async () => {
  for (const one of opened.splice(0)) {
    if (one instanceof EgressGuard) await one.close();
    else {
      one.closeAllConnections();
      await new Promise((closed) => one.close(closed));
    }
  }
});

/** A server on loopback, which counts what reaches it. */
async function serving(listener: RequestListener = (_, response) => response.end('hello')) {
  const seen: string[] = [];
  const server = createServer((request, response) => {
    seen.push(`${request.method} ${request.url}`);
    listener(request, response);
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  opened.push(server);
  return { seen, port: (server.address() as AddressInfo).port };
}

function guarding(settings: EgressSettings) {
  const refusals: string[] = [];
  const guard = new EgressGuard({
    ...settings,
    refused: (refusal, place) => refusals.push(`${refusal} ${place}`),
  });
  opened.push(guard);
  return { guard, refusals };
}

/** A resolver that gives one list of addresses after the other, and stays with the last. */
function resolving(...answers: readonly string[][]): Resolve {
  let asked = 0;
  return (_host, answer) => {
    const addresses = answers[Math.min(asked++, answers.length - 1)] ?? [];
    answer(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  };
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

test('a place that is named answers', async () => {
  const { port, seen } = await serving();
  const { guard } = guarding({ allow: [`127.0.0.1:${port}`] });
  const { status, body } = await guard.request(`http://127.0.0.1:${port}/in`, { method: 'POST', body: 'x' });
  expect([status, textOf(body), seen]).toEqual([200, 'hello', ['POST /in']]);
});

test('a place that is not on the list is not reached, and the refusal is counted', async () => {
  const { port, seen } = await serving();
  const { guard, refusals } = guarding({ allow: ['hooks.example.com:443'] });
  await expect(guard.request(`http://127.0.0.1:${port}/secret`)).rejects.toMatchObject({
    code: 'egress.not_allowed',
    isUnsent: true,
    message: `127.0.0.1:${port}: it is not on the allow-list`,
  });
  expect([seen, refusals]).toEqual([[], [`not_allowed 127.0.0.1:${port}`]]);
});

test.each(['ftp://hooks.example.com/', 'file:///etc/passwd', 'http://user:secret@hooks.example.com:443/'])(
  '%s is no URL to go to',
  async (url) => {
    const { guard } = guarding({ allow: ['hooks.example.com:443', 'hooks.example.com:80'] });
    await expect(guard.request(url)).rejects.toMatchObject({ code: 'egress.bad_url' });
  },
);

test.each(['127.0.0.1', '10.0.0.7', '169.254.169.254', '::1', '::ffff:127.0.0.1', 'fd00:ec2::254'])(
  'a name on the list that means %s is refused before anything is sent',
  async (address) => {
    const { port, seen } = await serving();
    const { guard, refusals } = guarding({
      allow: [`hooks.example.com:${port}`],
      resolve: resolving([address]),
    });
    await expect(guard.request(`http://hooks.example.com:${port}/`)).rejects.toMatchObject({
      code: 'egress.address',
      isUnsent: true,
    });
    expect([seen, refusals]).toEqual([[], [`address hooks.example.com:${port}`]]);
  },
);

test('one local address among public ones spoils a name', async () => {
  const { port, seen } = await serving();
  const { guard } = guarding({
    allow: [`hooks.example.com:${port}`],
    resolve: resolving(['8.8.8.8', '127.0.0.1']),
  });
  await expect(guard.request(`http://hooks.example.com:${port}/`)).rejects.toMatchObject({
    code: 'egress.address',
  });
  expect(seen).toEqual([]);
});

test('a name whose entry says =local may mean this machine, and still no metadata service', async () => {
  const { port } = await serving();
  const allow = [`shop.internal:${port}=local`];
  const { guard } = guarding({ allow, resolve: resolving(['127.0.0.1']) });
  expect((await guard.request(`http://shop.internal:${port}/`)).status).toBe(200);
  const { guard: rebound } = guarding({ allow, resolve: resolving(['169.254.169.254']) });
  await expect(rebound.request(`http://shop.internal:${port}/`)).rejects.toMatchObject({
    code: 'egress.address',
  });
});

test('a name that means another address at each question is judged by the one that is connected to', async () => {
  const { port, seen } = await serving((_, response) =>
    response.setHeader('connection', 'close').end('hello'),
  );
  const { guard } = guarding({
    allow: [`shop.internal:${port}=local`],
    resolve: resolving(['127.0.0.1'], ['169.254.169.254'], ['127.0.0.1']),
  });
  expect((await guard.request(`http://shop.internal:${port}/1`)).status).toBe(200);
  await expect(guard.request(`http://shop.internal:${port}/2`)).rejects.toMatchObject({
    code: 'egress.address',
  });
  expect((await guard.request(`http://shop.internal:${port}/3`)).status).toBe(200);
  expect(seen).toEqual(['GET /1', 'GET /3']);
});

test('a public address that was written out is taken, and another notation of a local one is not', async () => {
  const { port, seen } = await serving();
  const { guard } = guarding({ allow: [`8.8.8.8:${port}`] });
  await expect(guard.request(`http://[::ffff:127.0.0.1]:${port}/`)).rejects.toMatchObject({
    code: 'egress.not_allowed',
  });
  expect(seen).toEqual([]);
});

test('a redirect is not followed, wherever it leads, and counted', async () => {
  const { port: other, seen } = await serving();
  const { port } = await serving((_, response) =>
    response.writeHead(302, { location: `http://127.0.0.1:${other}/` }).end(),
  );
  const { guard, refusals } = guarding({ allow: [`127.0.0.1:${port}`, `127.0.0.1:${other}`] });
  expect((await guard.request(`http://127.0.0.1:${port}/`)).status).toBe(302);
  expect([seen, refusals]).toEqual([[], [`redirect 127.0.0.1:${port}`]]);
});

test('an answer is counted as it is unpacked', async () => {
  const bomb = gzipSync(Buffer.alloc(50 * 1_024 * 1_024));
  expect(bomb.length).toBeLessThan(100_000);
  const { port } = await serving((_, response) => response.setHeader('content-encoding', 'gzip').end(bomb));
  const { guard } = guarding({ allow: [`127.0.0.1:${port}`], bytesMax: 100_000 });
  await expect(guard.request(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({
    code: 'egress.too_large',
  });
});

test('an answer that is packed more than once is not unpacked at all', async () => {
  const twice = gzipSync(gzipSync(Buffer.alloc(10 * 1_024 * 1_024)));
  const { port } = await serving((_, response) =>
    response.setHeader('content-encoding', 'gzip, gzip').end(twice),
  );
  const { guard } = guarding({ allow: [`127.0.0.1:${port}`] });
  await expect(guard.request(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({
    code: 'egress.too_large',
  });
});

test('an answer of packed nothing without end is cut off by its bytes', async () => {
  const nothing = Buffer.concat(Array.from({ length: 500 }, () => gzipSync('')));
  const { port } = await serving((_, response) => {
    response.setHeader('content-encoding', 'gzip');
    const more = () => {
      while (!response.destroyed && response.write(nothing));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  });
  const { guard } = guarding({ allow: [`127.0.0.1:${port}`], bytesMax: 100_000 });
  await expect(guard.request(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({
    code: 'egress.too_large',
  });
});

test('a local name keeps its usable addresses beside a link-local one', async () => {
  const { port } = await serving();
  const { guard } = guarding({
    allow: [`shop.internal:${port}=local`],
    resolve: resolving(['fe80::1%eth0', '127.0.0.1']),
  });
  expect((await guard.request(`http://shop.internal:${port}/`)).status).toBe(200);
});

test('what is not a URL is refused, and its text is nowhere', async () => {
  const { guard, refusals } = guarding({ allow: ['hooks.example.com:443'] });
  const refused = await guard.request('http://exa mple/secret').catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'egress.bad_url', isUnsent: true });
  expect(inspect(refused)).not.toContain('exa mple');
  expect(refusals).toEqual(['bad_url nowhere']);
});

test('an answer that is packed is unpacked', async () => {
  const { port } = await serving((_, response) =>
    response.setHeader('content-encoding', 'gzip').end(gzipSync('hello')),
  );
  const { guard } = guarding({ allow: [`127.0.0.1:${port}`] });
  expect(textOf((await guard.request(`http://127.0.0.1:${port}/`)).body)).toBe('hello');
});

test('an answer that never ends is cut off by its bytes', async () => {
  const { port } = await serving((_, response) => {
    const more = () => {
      while (!response.destroyed && response.write('x'.repeat(10_000)));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  });
  const { guard } = guarding({ allow: [`127.0.0.1:${port}`], bytesMax: 100_000 });
  await expect(guard.request(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({
    code: 'egress.too_large',
  });
});

test('an answer that trickles is cut off by its time', async () => {
  const { port } = await serving((_, response) => {
    const beat = setInterval(() => response.write('.'), 20);
    response.on('close', () => clearInterval(beat));
  });
  const { guard, refusals } = guarding({ allow: [`127.0.0.1:${port}`], timeoutMs: 200 });
  await expect(guard.request(`http://127.0.0.1:${port}/`)).rejects.toMatchObject({ code: 'egress.timeout' });
  expect(refusals).toEqual([`timeout 127.0.0.1:${port}`]);
});

test('whoever asked may stop, and that is no refusal', async () => {
  const { port } = await serving((_, response) => response.write('.'));
  const { guard, refusals } = guarding({ allow: [`127.0.0.1:${port}`] });
  const stop = new AbortController();
  const answer = guard.request(`http://127.0.0.1:${port}/`, { signal: stop.signal });
  stop.abort(new Error('not wanted any more'));
  await expect(answer).rejects.toThrow('not wanted any more');
  expect(refusals).toEqual([]);
});

test('a request cannot raise the bounds of its guard', async () => {
  const { port } = await serving((_, response) => response.end('x'.repeat(2_000)));
  const { guard } = guarding({ allow: [`127.0.0.1:${port}`], bytesMax: 1_000 });
  const answer = guard.request(`http://127.0.0.1:${port}/`, { bytesMax: 1_000_000 });
  await expect(answer).rejects.toMatchObject({ code: 'egress.too_large' });
});

test('a name that has no address is no refusal of the guard', async () => {
  const { guard, refusals } = guarding({ allow: ['gone.example.com:443'], resolve: resolving([]) });
  await expect(guard.request('https://gone.example.com/')).rejects.toMatchObject({
    cause: { code: 'ENOTFOUND' },
  });
  expect(refusals).toEqual([]);
});
