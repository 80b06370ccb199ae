import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ModuleFactory } from '@interlock/tools';
import { readPolicyText, readRetailData } from './data.ts';
import { RetailStore } from './retail.store.ts';
import { readTools } from './tools/read.tools.ts';
import { writeTools } from './tools/write.tools.ts';

/** Settings that the tools read. */
export const env = ['RETAIL_DATA', 'RETAIL_STORE'];

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

/** One policy a file; its id is the file's name. */
const policies = readdirSync(new URL('policies', import.meta.url))
  .sort()
  .map((file) => ({ id: file.replace('.cedar', ''), text: read(`policies/${file}`) }));

/** Without a setting of its own the store lies where Interlock keeps its data, whatever directory this is called from. */
const inTheCheckout = fileURLToPath(new URL('../../.interlock/retail', import.meta.url));

let opened: RetailStore | undefined;

/** Opened by whoever first calls a tool: every service has this module loaded, and only where calls are made is the store needed. */
function store(): RetailStore {
  opened ??= RetailStore.open(resolve(process.env.RETAIL_STORE ?? inTheCheckout), readRetailData);
  return opened;
}

/**
 * The service desk of a shop: an agent works customers' requests with fifteen tools, and people agree to what it does.
 * @throws when the data is not there
 */
const retail: ModuleFactory = (kit) => ({
  tools: [...readTools(kit, store), ...writeTools(kit, store)],
  workflows: [read('retail-request.workflow.yaml')],
  policies,
  tables: [JSON.parse(read('retail-baseline.table.json'))],
  prompts: [{ id: 'retail-desk', version: 1, text: `${read('prompt.md')}\n${readPolicyText()}` }],
});

export default retail;
