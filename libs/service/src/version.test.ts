import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import ownPackage from '../package.json' with { type: 'json' };
import { versionOf } from './version.js';

test('the version of a process is that of the package it was started from', () => {
  expect(versionOf(fileURLToPath(import.meta.url))).toBe(ownPackage.version);
});

test('a process without a package says that its version is unknown', () => {
  const home = mkdtempSync(join(tmpdir(), 'interlock-version-'));
  expect(versionOf(join(home, 'main.js'))).toBe('unknown');
  rmSync(home, { recursive: true });
});
