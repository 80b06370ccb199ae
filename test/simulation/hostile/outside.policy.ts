import type { ApprovalGranted, CallRequested, MessageOf } from '@interlock/contracts';
import type { PlayedRun } from './played.run.ts';
import { CUSTOMER, type Done, DUAL_FROM, listed, REFUND_MAX } from './shop.ts';

/** What the shop's rules say, in words of their own: asks nothing of the product but what happened in the shop, and who agreed. */
export function outsidePolicy({ shop, bus, level }: PlayedRun): string[] {
  const callRequests = bus
    .log('run.events')
    .flatMap(({ type, data }) =>
      type === 'call.requested' ? [data as MessageOf<typeof CallRequested>['data']] : [],
    );
  const granted = new Map(
    bus
      .log('approval.events')
      .flatMap(({ type, data }) =>
        type === 'approval.granted' ? [[(data as Granted).callHash, data as Granted] as const] : [],
      ),
  );
  const problems: string[] = [];
  const seen = new Set<string>();
  const refunds = new Set(
    shop.done.filter(({ tool }) => tool === 'refunds.create').map(({ key }) => `r-${key}`),
  );
  for (const done of shop.done) {
    const say = (what: string) =>
      problems.push(`${done.tool} ${JSON.stringify(done.input).slice(0, 120)}: ${what}`);
    if (done.tool === 'refunds.cancel') {
      const isUndoing = callRequests.some(
        ({ callHash, purpose }) => callHash === done.key && purpose === 'compensate',
      );
      if (!isUndoing || !refunds.has(String(done.input.refundId))) say('undone, and the run was not undoing');
      continue;
    }
    if (level !== 'assisted') say(`done at the level ${level}`);
    if (!listed.some((tool) => tool === done.tool)) say('is not on the list');
    const callRequest = callRequests.find(({ callHash }) => callHash === done.key);
    const { occurrence = 0 } = callRequest ?? {};
    const again = JSON.stringify([done.tool, Object.entries(done.input).sort(), occurrence]);
    if (seen.has(again)) say('done twice');
    seen.add(again);
    problems.push(...brokenBy(done, occurrence).map((rule) => `${done.tool}: ${rule}`));
    const voters = votersOf(granted.get(done.key), done);
    if (voters < peopleNeeded(done)) say(`${voters} people agreed`);
  }
  return problems;
}

type Granted = MessageOf<typeof ApprovalGranted>['data'];

function brokenBy({ tool, input }: Done, occurrence: number): string[] {
  const rules: [string, boolean][] = [
    ['for another customer', input.customer === CUSTOMER],
    ['too often', occurrence <= (tool === 'mail.send' ? 2 : 1)],
  ];
  if (tool === 'refunds.create') {
    const amount = input.amountCents as number;
    rules.push(['too much', amount <= REFUND_MAX], ['too little', amount >= 1]);
    rules.push(['of another customer', String(input.orderId).startsWith(`${CUSTOMER}-`)]);
  }
  return rules.flatMap(([rule, holds]) => (holds ? [] : [rule]));
}

const needsTwo = ({ tool, input }: Done): boolean =>
  tool === 'refunds.create' && (input.amountCents as number) > DUAL_FROM;

const peopleNeeded = (done: Done): number => (needsTwo(done) ? 2 : 1);

/** Different people who may vote on this, without whoever asked for it; nobody once somebody has said no. */
function votersOf(grant: Granted | undefined, done: Done): number {
  if (grant === undefined || grant.votes.some(({ vote }) => vote === 'deny')) return 0;
  const roles = needsTwo(done) ? ['finance'] : ['support', 'finance'];
  const may = grant.votes.filter(
    ({ by }) => by.sub !== CUSTOMER && by.roles.some((role) => roles.includes(role)),
  );
  return new Set(may.map(({ by }) => by.sub)).size;
}
