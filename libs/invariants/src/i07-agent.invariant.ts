import { type RunEvent, stepNameOf } from '@interlock/contracts';
import type { RunState } from '@interlock/run';
import { stepsOfCompiled } from './compiled.steps.js';
import type { Logged } from './reading.js';
import { renameAll } from './renamed.js';
import { pathsIn } from './turn.path.js';
import type { Invariant, Violation } from './view.js';

/**
 * I7 for models: tokens and money that plans have used and may still use, and what proposed calls cost, stay within the budget of their
 * step and of the run at every prefix of the log, as do rounds and proposed calls. Counted from what the events say, without the fold.
 */
export const withinAgentBudget: Invariant = ({ runs }) =>
  [...runs].flatMap(([run, events]) => {
    const over = overspent(events);
    return over === undefined ? [] : [{ invariant: 'I7', run, message: over } satisfies Violation];
  });

type Compiled = RunState['origin']['compiled'];

/** Used and reserved; money in millionths of a dollar. */
interface Amounts {
  tokens: number;
  microUsd: number;
}

class Ledger {
  readonly used: Amounts = { tokens: 0, microUsd: 0 };
  readonly open = new Map<string, Amounts>();
  readonly calls = new Map<string, number>();
  readonly rounds = new Set<number>();

  get total(): Amounts {
    const plans = [this.used, ...this.open.values()];
    const calls = [...this.calls.values()].reduce((sum, cost) => sum + cost, 0);
    return {
      tokens: plans.reduce((sum, { tokens }) => sum + tokens, 0),
      microUsd: plans.reduce((sum, { microUsd }) => sum + microUsd, calls),
    };
  }
}

function overspent(events: readonly Logged<RunEvent>[]): string | undefined {
  const [started] = events;
  if (started?.type !== 'run.started') return undefined;
  let compiled = started.data.compiled as Compiled | undefined;
  const ledgers = new Map<string, Ledger>();
  for (const event of events) {
    if (event.type === 'run.migrated') compiled = event.data.compiled as Compiled;
    if (!counts(event, ledgers) || compiled === undefined) continue;
    const over = overRun(compiled, ledgers) ?? overStep(compiled, ledgers, event.data);
    if (over !== undefined) return `seq ${event.meta.seq}: ${over}`;
  }
  return undefined;
}

/** False for what changes no sum. */
function counts(event: Logged<RunEvent>, ledgers: Map<string, Ledger>): event is Logged<Counted> {
  switch (event.type) {
    // Begun anew, an agent has the budget of its step once more, inside that of the run.
    case 'scope.opened': {
      const turn = pathsIn(event.data);
      return anew(ledgers, event, (step) => step.startsWith(turn));
    }
    case 'run.reopened':
      return anew(ledgers, event, () => true);
    case 'run.migrated':
      renameAll(ledgers, event.data.map);
      return false;
    case 'plan.requested': {
      const ledger = ledgerOf(ledgers, event.data.step);
      ledger.open.set(event.meta.id, amountsOf(event.data.reserved));
      if (event.data.purpose !== 'shadow') ledger.rounds.add(event.data.round);
      return true;
    }
    case 'plan.recorded': {
      const ledger = ledgerOf(ledgers, event.data.step);
      const charged = amountsOf(event.data.charged);
      ledger.open.delete(event.data.planId);
      ledger.used.tokens += charged.tokens;
      ledger.used.microUsd += charged.microUsd;
      return true;
    }
    case 'call.requested': {
      if (event.data.agent === undefined) return false;
      const { costUsd } = event.data.reserved;
      ledgerOf(ledgers, event.data.step).calls.set(event.meta.id, microUsd(costUsd));
      return true;
    }
    default:
      for (const requestId of unmade(event))
        for (const { calls } of ledgers.values()) calls.delete(requestId);
      return false;
  }
}

/** What these steps have used counts for the run alone from here on. */
function anew(
  ledgers: Map<string, Ledger>,
  { meta }: Logged<RunEvent>,
  isMeant: (step: string) => boolean,
): false {
  for (const [step, ledger] of [...ledgers])
    if (isMeant(step) && ledgers.delete(step)) ledgers.set(`before ${meta.id}: ${step}`, ledger);
  return false;
}

type Counted = Extract<RunEvent, { type: 'plan.requested' | 'plan.recorded' | 'call.requested' }>;

/** Requests of which this event says that they have cost nothing. */
function unmade({ type, data }: Logged<RunEvent>): string[] {
  if (type === 'call.revoked') return [data.requestId];
  if (type === 'call.recorded') return data.outcome.kind === 'refused' ? [data.requestId] : [];
  const isAgainst = type === 'verdict.recorded' && (data.verdict === 'deny' || data.approval !== undefined);
  return isAgainst && data.point === 'before' ? [data.checkId] : [];
}

function overRun({ budget }: Compiled, ledgers: ReadonlyMap<string, Ledger>): string | undefined {
  const totals = [...ledgers.values()].map(({ total }) => total);
  const tokens = totals.reduce((sum, one) => sum + one.tokens, 0);
  const micro = totals.reduce((sum, one) => sum + one.microUsd, 0);
  if (tokens > budget.tokens) return `${tokens} tokens of the run's ${budget.tokens}`;
  if (micro > microUsd(budget.costUsd))
    return `${micro} millionths of a dollar of the run's ${budget.costUsd}`;
  return undefined;
}

function overStep(
  compiled: Compiled,
  ledgers: ReadonlyMap<string, Ledger>,
  { step }: Counted['data'],
): string | undefined {
  const definition = stepsOfCompiled(compiled).get(stepNameOf(step));
  const ledger = ledgers.get(step);
  if (definition?.kind !== 'agent' || ledger === undefined) return undefined;
  const { budget } = definition.agent;
  const { tokens, microUsd: micro } = ledger.total;
  if (tokens > budget.tokens) return `${tokens} tokens of ${budget.tokens} of ${step}`;
  if (micro > microUsd(budget.costUsd))
    return `${micro} millionths of a dollar of ${budget.costUsd} of ${step}`;
  if (ledger.calls.size > budget.toolCalls)
    return `${ledger.calls.size} calls of ${budget.toolCalls} of ${step}`;
  if (ledger.rounds.size > budget.steps) return `${ledger.rounds.size} rounds of ${budget.steps} of ${step}`;
  return undefined;
}

function ledgerOf(ledgers: Map<string, Ledger>, step: string): Ledger {
  const known = ledgers.get(step) ?? new Ledger();
  ledgers.set(step, known);
  return known;
}

const microUsd = (usd: number): number => Math.round(usd * 1_000_000);

const amountsOf = ({ tokens, costUsd }: { tokens: number; costUsd: number }): Amounts => ({
  tokens,
  microUsd: microUsd(costUsd),
});
