import {
  type RetailCall,
  type RetailTask,
  readRetailData,
  readRetailTasks,
} from '../../examples/retail/data.ts';
import { type Action, actions, isAction } from '../../examples/retail/desk/actions.ts';
import { MemoryRecords } from '../../examples/retail/desk/memory.records.ts';
import { itemsOf, worthCents } from '../../examples/retail/desk/own.order.ts';
import {
  type Change,
  isRefusal,
  type Records,
  type Refusal,
  type RetailData,
} from '../../examples/retail/desk/records.ts';
import type { Call } from '../models/reply.ts';

/** A request of the data set as the desk gets it. */
export interface RetailCase {
  readonly id: string;
  /** Who asks. */
  readonly customer: string;
  readonly request: string;
  /** What a correct agent calls, in order, with the arguments of the desk's tools. */
  readonly calls: readonly Call[];
}

/** All requests. Each begins with the data as it is at first, whatever others of the same customer ask. */
export function retailCases(): { readonly data: RetailData; readonly cases: readonly RetailCase[] } {
  const data = readRetailData();
  return { data, cases: readRetailTasks().map((task) => caseOf(task, data)) };
}

/**
 * Requests that may go on at the same time, because no two of them are of one customer: what one may change no other looks at.
 * Each wave begins with the data as it is at first.
 */
export function wavesOf(cases: readonly RetailCase[]): RetailCase[][] {
  const waves: RetailCase[][] = [];
  const turns = new Map<string, number>();
  for (const one of cases) {
    const turn = turns.get(one.customer) ?? 0;
    turns.set(one.customer, turn + 1);
    waves[turn] ??= [];
    waves[turn].push(one);
  }
  return waves;
}

/** What the same calls do without Interlock: one after another, on data of their own. */
export function applyDirectly(data: RetailData, calls: readonly Call[]) {
  const records = new MemoryRecords(data);
  const answers = calls.flatMap(({ tool, arguments: given }) => {
    const answer = isAction(tool) ? decide(records, tool, given) : undefined;
    if (answer !== undefined && !isRefusal(answer)) records.apply(answer);
    return answer ?? [];
  });
  return {
    data: records.data(),
    done: answers.filter((answer) => !isRefusal(answer)).length,
    refused: answers.filter((answer) => isRefusal(answer)),
  };
}

function decide(records: Records, tool: keyof typeof actions, given: unknown): Change | Refusal {
  const action: Action = actions[tool];
  return action(records, given as never);
}

function caseOf({ id, request, actions: wanted }: RetailTask, data: RetailData): RetailCase {
  const records = new MemoryRecords(data);
  const customer = customerOf(request, wanted, data);
  const seen = new Map<string, number>();
  const calls = wanted.map(({ name: tool, arguments: given }) => {
    const complete = completed(records, customer, { name: tool, arguments: given });
    const answer = isAction(tool) ? decide(records, tool, complete) : undefined;
    if (answer !== undefined && !isRefusal(answer)) records.apply(answer);
    const key = JSON.stringify([tool, complete]);
    const occurrence = (seen.get(key) ?? 0) + 1;
    seen.set(key, occurrence);
    return { tool, arguments: complete, occurrence };
  });
  const { reason_for_call, known_info } = request;
  return { id, customer, request: `${reason_for_call}\n\n${known_info}`, calls };
}

/** With what policy has to see: for whom it is, and what the goods are worth. */
function completed(
  records: Records,
  customer: string,
  { name, arguments: given }: RetailCall,
): Record<string, unknown> {
  if (given.order_id === undefined) return { ...given };
  const isAboutGoods = isAction(name) && name !== 'modify_pending_order_address';
  return { ...given, customer, ...(isAboutGoods && { amount_cents: worthOf(records, given) }) };
}

function worthOf(records: Records, { order_id, item_ids }: RetailCall['arguments']): number {
  const order = records.order(String(order_id));
  if (order === undefined) return 0;
  const items = item_ids === undefined ? order.items : itemsOf(order, item_ids as string[]);
  return 'refused' in items ? 0 : worthCents(items);
}

/** Whose record the calls are about; of a request without any, who says so. */
function customerOf(request: RetailTask['request'], wanted: readonly RetailCall[], data: RetailData): string {
  for (const { arguments: given } of wanted) {
    if (typeof given.user_id === 'string') return given.user_id;
    const owner = data.orders[String(given.order_id)]?.user_id;
    if (owner !== undefined) return owner;
  }
  const said = request.known_info ?? '';
  const users = Object.values(data.users);
  const known =
    users.find(({ user_id }) => said.includes(user_id)) ??
    users.find(
      ({ name, address }) =>
        said.includes(`${name.first_name} ${name.last_name}`) && said.includes(address.zip),
    );
  return known?.user_id ?? 'somebody-unknown';
}
