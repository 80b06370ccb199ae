import { readFileSync } from 'node:fs';
import { HEALTH_PORT_FIRST, healthPorts, serviceNames } from '@interlock/contracts';
import { expect, test } from 'vitest';
import * as services from '../../scripts/services.page.mjs';
import * as page from '../../scripts/start.page.mjs';
import { listed } from '../../scripts/table.mjs';

const runId = '3ea923ee-3c79-8943-967d-b0a9dac3ec17';
const published = {
  workflows: ['refund-request@6'],
  tools: ['orders.get', 'refunds.quote', 'refunds.create', 'refunds.cancel', 'refunds.find', 'mail.send'],
  policy: { bundle: 'refund-desk@1', by: ['module:refund-desk'] },
  proposed: [],
};
const server = {
  url: 'http://127.0.0.1:7400',
  readyMs: 3_100,
  dataDir: '.interlock',
  logs: '.interlock/logs/interlock.log',
};
const whole = [
  page.heading('0.1.0'),
  page.serving({ ...server, published }),
  page.outcomes({
    settled: 3,
    tookMs: 2_000,
    outcomes: [
      { count: 1, scenario: 'small, mail cannot be delivered', status: 'rolled_back', outcome: 'domain' },
      { count: 12, scenario: 'medium, wrong item', status: 'waiting', outcome: '' },
    ],
    unexpected: [],
    waiting: [{ count: 8, what: 'single approval by support-lead: refunds.create', euros: 1017.48 }],
    runs: {},
  }),
  page.whatNext({ waiting: runId, completed: runId }, []),
  page.goesOn('.interlock'),
].join('');

test.each([
  ['npm start', whole],
  ['its help', page.usage],
  ['what it says while it waits', page.stillWaiting('w'.repeat(60)) + services.stillWaiting],
  ['what it says while it stops', page.stopping + services.stopping],
  ['the help of start:services', services.usage],
  [
    'the table of start:services',
    services.standing(
      serviceNames.map((name) => ({
        name,
        pid: 4_194_304,
        url: `http://127.0.0.1:${healthPorts[name]}`,
        readiness: 'ready',
      })),
    ) + services.allReady('.interlock/logs/<service>.log'),
  ],
])('every line of %s fits a terminal of 80 columns', (_what, text) => {
  expect(text.split('\n').filter((line) => line.length > 80)).toEqual([]);
});

test('requests that did not go as expected are named', () => {
  const unexpected = ['req-001 (small, not wanted): failed (domain: no)'];
  const text = page.outcomes({
    settled: 60,
    tookMs: 1,
    outcomes: [],
    unexpected,
    waiting: [],
    runs: {},
  });
  expect(text).toContain(
    '1 of 60 did not go as expected:\n  req-001 (small, not wanted): failed (domain: no)',
  );
});

test('a server without a policy says that every call is denied', () => {
  const { policy: _none, ...without } = published;
  expect(page.serving({ ...server, published: without })).toContain('none in force, so every call is denied');
});

test('a terminal shows one bar, a file a line now and then', () => {
  const write = (isTTY: boolean) => {
    let text = '';
    const progress = page.progressOn({
      isTTY,
      write: (part: string) => {
        text += part;
      },
    });
    for (let done = 1; done <= 60; done += 1) progress(done, 60);
    return text;
  };
  expect(write(false)).toBe('  20 of 60\n  40 of 60\n  60 of 60\n');
  expect(write(true).split('\n')).toHaveLength(2);
});

test('of many names as many are shown as fit', () => {
  expect(listed(['aaaa', 'bbbb', 'cccc'], 40)).toBe('aaaa, bbbb, cccc');
  expect(listed(['aaaa', 'bbbb', 'cccc'], 15)).toBe('aaaa and 2 more');
});

test('no two services have one health port, and docs/operations.md shows all of them', () => {
  const ports = Object.values(healthPorts);
  expect(new Set(ports).size).toBe(serviceNames.length);
  expect(Math.min(...ports.filter((port) => port !== healthPorts.gateway))).toBe(HEALTH_PORT_FIRST);
  const operations = readFileSync('docs/operations.md', 'utf8');
  for (const [name, port] of Object.entries(healthPorts))
    expect(operations).toContain(`| ${name} | ${port} |`);
});
