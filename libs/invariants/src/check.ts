import { gaplessSeq } from './i01-seq.invariant.js';
import { hashChain } from './i02-chain.invariant.js';
import { oneEnd } from './i03-end.invariant.js';
import { onlyAllowed } from './i04-allowed.invariant.js';
import { grantedByPeople } from './i04-grant.invariant.js';
import { onlyProposed } from './i04-proposal.invariant.js';
import { durableIntent } from './i05-intent.invariant.js';
import { everyIntentEnds } from './i06-outcome.invariant.js';
import { withinAgentBudget } from './i07-agent.invariant.js';
import { withinBudget } from './i07-budget.invariant.js';
import { callsKeepTheirTable } from './i08-calls.invariant.js';
import { foldAgrees } from './i08-checkpoint.invariant.js';
import { commandOnce } from './i09-command.invariant.js';
import { voteOnce } from './i09-vote.invariant.js';
import { inputsFirst } from './i10-order.invariant.js';
import { alwaysWaiting } from './i10-waiting.invariant.js';
import { peopleAreAsked } from './i11-approval.invariant.js';
import { peopleAreQuoted } from './i11-copies.invariant.js';
import { ownTopicsOnly } from './i11-source.invariant.js';
import { positionsAgree } from './i12-position.invariant.js';
import { auditIsComplete } from './i13-audit.invariant.js';
import { undoneInReverse } from './i14-compensation.invariant.js';
import { undoneWhenKnown } from './i14-start.invariant.js';
import { undoneAtTarget } from './i14-target.invariant.js';
import { influenceIsMarked } from './i16-influence.invariant.js';
import { familiesHold } from './i17-family.invariant.js';
import { eachDueOnce } from './i18-schedule.invariant.js';
import { turnsHold } from './i19-turns.invariant.js';
import { migrationsHold } from './i20-migration.invariant.js';
import { answeredAsAsked } from './i21-answer.invariant.js';
import { lateIsSaid } from './i22-level.invariant.js';
import { type Reading, read } from './reading.js';
import type { Invariant, View, Violation } from './view.js';

/** Every invariant of the quality document that this release can break. */
export const invariants: readonly Invariant[] = [
  gaplessSeq,
  hashChain,
  oneEnd,
  onlyAllowed,
  grantedByPeople,
  onlyProposed,
  durableIntent,
  everyIntentEnds,
  withinBudget,
  withinAgentBudget,
  foldAgrees,
  callsKeepTheirTable,
  commandOnce,
  voteOnce,
  alwaysWaiting,
  inputsFirst,
  ownTopicsOnly,
  peopleAreAsked,
  peopleAreQuoted,
  positionsAgree,
  auditIsComplete,
  undoneInReverse,
  undoneWhenKnown,
  undoneAtTarget,
  influenceIsMarked,
  familiesHold,
  eachDueOnce,
  turnsHold,
  migrationsHold,
  answeredAsAsked,
  lateIsSaid,
];

/** What does not hold; empty when everything does. */
export const checkInvariants = (view: View): Violation[] => checkReading(read(view));

/** The same, of what was read already. */
export const checkReading = (reading: Reading): Violation[] =>
  invariants.flatMap((invariant) => invariant(reading));
