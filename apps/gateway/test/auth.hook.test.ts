import { connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GatewayUnderTest } from './gateway.under-test.js';

let gateway: GatewayUnderTest;
beforeAll(async () => {
  gateway = await GatewayUnderTest.start();
});
afterAll(() => gateway.remove());

/** Sends the address as it is written here, and by a name that is not one of this machine: such a caller is nobody. */
function asStranger(method: string, address: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const head = `${method} ${address} HTTP/1.1\r\nHost: interlock.example\r\nConnection: close\r\n\r\n`;
    const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1', () => socket.write(head));
    socket.on('data', (bytes) => {
      answer += bytes.toString();
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(answer));
  });
}

test.each([
  ['GET', '/v1/runs'],
  ['GET', '/v1/runs?limit=1'],
  ['HEAD', '/v1/runs'],
  ['GET', '/%761/runs'],
  ['GET', '/%76%31/runs/r-1/events'],
  ['GET', '/v1/%72uns'],
  ['GET', 'http://127.0.0.1/v1/runs'],
  ['GET', 'http://interlock.example/v1/approvals'],
  ['GET', '/v1/../v1/runs'],
  ['POST', '/%761/runs'],
  ['GET', '/v1/no-such-thing'],
])('%s %s needs an identity, however the address is written', async (method, address) => {
  expect(await asStranger(method, address)).toMatch(/^HTTP\/1\.1 401 /);
});

test.each(['/healthz', '/readyz', '/metrics', '/openapi.json', '/v1/keys', '/v1/keys?x=1'])(
  'GET %s needs none',
  async (address) => {
    expect(await asStranger('GET', address)).not.toMatch(/^HTTP\/1\.1 401 /);
  },
);

test('what begins like public keys is not public', async () => {
  expect(await asStranger('GET', '/v1/keys/more')).toMatch(/^HTTP\/1\.1 401 /);
});
