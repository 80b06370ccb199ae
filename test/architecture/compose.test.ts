import { readdirSync, readFileSync } from 'node:fs';
import { serviceNames } from '@interlock/contracts';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { graceOf } from '../../scripts/supervisor.mjs';

interface Container {
  readonly command?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly volumes?: readonly string[];
  readonly init?: boolean;
  readonly restart?: string;
  readonly stop_grace_period?: string;
}

const { services } = parse(readFileSync('docker-compose.yml', 'utf8'), { merge: true }) as {
  readonly services: Readonly<Record<string, Container>>;
};

/** What a service's own code, or a part of libs/service that it takes, does with keys. */
const usesKeys = /INTERLOCK_KEYS_DIR|commands: \{/;

const sourcesOf = (app: string): string[] =>
  readdirSync(`apps/${app}/src`, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/\.(test|scenario|fixture)\.ts$/.test(file))
    .map((file) => readFileSync(`apps/${app}/src/${file}`, 'utf8'));

test('docker compose starts every service', () => {
  for (const name of serviceNames)
    expect([name, services[name]?.command]).toEqual([name, [`apps/${name}/dist/main.js`]]);
});

test('docker compose shows keys to the services that use them, and to nobody else', () => {
  const shown = Object.keys(services).filter((name) =>
    services[name]?.volumes?.some((volume) => volume.startsWith('keys:')),
  );
  const using = serviceNames.filter((name) => sourcesOf(name).some((text) => usesKeys.test(text)));
  expect(shown.sort()).toEqual([...using].sort());
  const given = Object.keys(services).filter((name) => services[name]?.environment?.INTERLOCK_KEYS_DIR);
  expect(given.sort()).toEqual(shown);
});

test('docker compose gives every container an init process, and as long to stop as start:services does', () => {
  for (const [name, { init, stop_grace_period }] of Object.entries(services))
    expect([name, init, stop_grace_period]).toEqual([name, true, `${graceOf({}) / 1_000}s`]);
});

test('docker compose does not start a service for ever that refuses its settings', () => {
  for (const name of serviceNames) expect([name, services[name]?.restart]).toEqual([name, 'on-failure:10']);
});
