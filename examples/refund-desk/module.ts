import { readdirSync, readFileSync } from 'node:fs';
import type { ModuleFactory } from '@interlock/tools';
import { mailTools } from './tools/mail.tools.ts';
import { orderTools } from './tools/order.tools.ts';
import { refundTools } from './tools/refund.tools.ts';

/** Settings that the tools read. */
export const env = ['REFUND_DESK_URL'];

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

/** One policy a file; its id is the file's name. */
const policies = readdirSync(new URL('policies', import.meta.url))
  .sort()
  .map((file) => ({ id: file.replace('.cedar', ''), text: read(`policies/${file}`) }));

/** The refund desk of a shop: customers ask for money back, rules decide, policy says who must agree. */
const refundDesk: ModuleFactory = (kit) => ({
  tools: [...orderTools(kit), ...refundTools(kit), ...mailTools(kit)],
  workflows: [read('refund-request.workflow.yaml')],
  policies,
  tables: [JSON.parse(read('refund-rules.table.json'))],
});

export default refundDesk;
