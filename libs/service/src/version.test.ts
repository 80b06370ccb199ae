import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import ownPackage from '../package.json' with { type: 'json' };
import { versionOf } from './version.js';

test('the version of a process is that of the package it was started from', () => {
  expect(versionOf(fileURLToPath(import.meta.url))).toBe(ownPackage.version);
});
