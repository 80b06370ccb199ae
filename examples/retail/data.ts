import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RetailData } from './desk/records.ts';

/** A customer's request, and the calls that a correct agent makes for it. */
export interface RetailTask {
  readonly id: string;
  readonly request: Readonly<Record<string, string | null>>;
  readonly actions: readonly RetailCall[];
}

export interface RetailCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

const beside = fileURLToPath(new URL('../../../shared/data/retail', import.meta.url));

/** `RETAIL_DATA`, or `shared/data/retail` beside the checkout. */
export const dataFolder = (): string => resolve(process.env.RETAIL_DATA ?? beside);

export const isDataThere = (): boolean => existsSync(join(dataFolder(), 'db.json'));

/** @throws when the folder is not there, with what to do about it */
export function readPolicyText(): string {
  return read('policy.md');
}

/** @throws as `readPolicyText` */
export function readRetailData(): RetailData {
  return JSON.parse(read('db.json'));
}

/** @throws as `readPolicyText` */
export function readRetailTasks(): RetailTask[] {
  return JSON.parse(read('tasks.json'));
}

function read(name: string): string {
  const folder = dataFolder();
  if (isDataThere()) return readFileSync(join(folder, name), 'utf8');
  throw new Error(
    `the retail example works on data that does not come with Interlock: db.json, policy.md and tasks.json are not in ${folder}. ` +
      'Set RETAIL_DATA to the folder that holds them.',
  );
}
