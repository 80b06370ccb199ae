import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { RetailData } from './desk/records.ts';
import { wholeShop } from './shop/customers.ts';
import { allRequests } from './shop/requests.ts';

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

/** Where other data of the same form lies; without it the shop that comes with the example is used. */
const folder = (): string | undefined => process.env.RETAIL_DATA || undefined;

/** The rules of the desk. @throws when `RETAIL_DATA` names a folder that does not hold them, with what to do about it */
export function readPolicyText(): string {
  return read('policy.md') ?? readFileSync(new URL('shop/rules.md', import.meta.url), 'utf8');
}

/** What the shop keeps at first. @throws as `readPolicyText` */
export function readRetailData(): RetailData {
  const text = read('db.json');
  return text === undefined ? wholeShop() : JSON.parse(text);
}

/** @throws as `readPolicyText` */
export function readRetailTasks(): RetailTask[] {
  const text = read('tasks.json');
  return text === undefined ? allRequests() : JSON.parse(text);
}

/** A file of `RETAIL_DATA`; undefined when no folder is named. */
function read(name: string): string | undefined {
  const named = folder();
  if (named === undefined) return undefined;
  const path = join(resolve(named), name);
  if (existsSync(path)) return readFileSync(path, 'utf8');
  throw new Error(
    `RETAIL_DATA names ${resolve(named)}, and ${name} is not there. ` +
      'Name a folder that holds db.json, policy.md and tasks.json, or unset RETAIL_DATA to use the shop that comes with the example.',
  );
}
