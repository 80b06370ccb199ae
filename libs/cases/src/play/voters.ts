import { type ApprovalOpened, approvalCommands, CastVote, type MessageOf } from '@interlock/contracts';
import type { Path } from '@interlock/language';
import type { CaseVote } from '../case/case.schema.js';
import type { CoreBus } from '../cores/core.bus.js';
import type { CaseProblem } from './case.problem.js';
import type { Family } from './family.js';
import { LogReader } from './log.reader.js';
import { msOf } from './outcomes.js';
import { isStep, isTool } from './step.pattern.js';

type Opened = MessageOf<typeof ApprovalOpened>['data'];

interface Ballot {
  readonly vote: CaseVote;
  readonly path: Path;
  state: 'unused' | 'planned' | 'cast' | 'done';
  refusal?: { readonly code: string; readonly message: string };
}

/** A request to people, and what became of it. */
export interface AskedPeople {
  readonly step: string;
  readonly required: 'single' | 'dual';
  readonly approvers: readonly string[];
  outcome: 'granted' | 'denied' | 'expired' | 'withdrawn' | 'open';
}

/** The people of a case: each vote is cast once, when its request is open, one after the other. */
export class Voters {
  readonly asked: AskedPeople[] = [];
  readonly #ballots: readonly Ballot[];
  readonly #approvals;
  readonly #open = new Map<
    string,
    { readonly opened: Opened; readonly run: string; readonly at: number; readonly asked: AskedPeople }
  >();

  constructor(
    private readonly bus: CoreBus,
    votes: readonly CaseVote[],
    at: Path,
    private readonly family: Family,
  ) {
    this.#ballots = votes.map((vote, index) => ({ vote, path: [...at, 'votes', index], state: 'unused' }));
    this.#approvals = new LogReader(bus, 'approval.events');
  }

  hear(): void {
    for (const { type, data, meta } of this.#approvals.next()) {
      if (type === 'approval.opened') this.#opened(data, meta.run ?? this.bus.runId, meta.time);
      else if (type === 'approval.voted') this.#counted(data.approvalId, data.commandId);
      else if (type === 'approval.vote_refused') {
        const ballot = this.#ballotOf(data.commandId);
        if (ballot !== undefined) ballot.refusal = { code: data.code, message: data.message };
        this.#counted(data.approvalId, data.commandId);
      } else if (type === 'approval.granted') this.#settled(data.approvalId, 'granted');
      else if (type === 'approval.denied') this.#settled(data.approvalId, 'denied');
      else if (type === 'approval.expired') this.#settled(data.approvalId, 'expired');
      else if (type === 'approval.withdrawn') this.#settled(data.approvalId, 'withdrawn');
    }
  }

  /** Votes that nobody could cast, and those that were refused or taken against what the case says. */
  problems(): CaseProblem[] {
    return this.#ballots.flatMap(({ vote, path, state, refusal }): CaseProblem[] => {
      const who = `the vote of ${vote.by.sub}`;
      if (state === 'unused' || state === 'planned')
        return [{ path, message: `${who} was not cast: nobody asked for it while the request was open` }];
      if (refusal === undefined)
        return vote.refused === undefined
          ? []
          : [{ path: [...path, 'refused'], message: `${who} was taken`, expected: vote.refused, got: null }];
      if (refusal.code === vote.refused) return [];
      const message = `${who} was refused: ${refusal.message}`;
      return [{ path, message, expected: vote.refused ?? null, got: refusal.code }];
    });
  }

  #opened(opened: Opened, run: string, at: number): void {
    const { kind: required, approvers } = opened.requirement;
    const asked: AskedPeople = {
      step: this.family.pathOf(run, opened.step),
      required,
      approvers,
      outcome: 'open',
    };
    this.asked.push(asked);
    this.#open.set(opened.approvalId, { opened, run, at, asked });
    this.#planNext(opened.approvalId);
  }

  #settled(approvalId: string, outcome: AskedPeople['outcome']): void {
    const open = this.#open.get(approvalId);
    if (open !== undefined) open.asked.outcome = outcome;
    this.#open.delete(approvalId);
  }

  #counted(approvalId: string, commandId: string): void {
    const ballot = this.#ballotOf(commandId);
    if (ballot !== undefined) ballot.state = 'done';
    this.bus.after(0, () => this.#planNext(approvalId));
  }

  #planNext(approvalId: string): void {
    const open = this.#open.get(approvalId);
    if (open === undefined) return;
    const ballot = this.#ballots.find(
      ({ vote, state }) => state === 'unused' && isFor(vote, open.asked.step, open.opened),
    );
    if (ballot === undefined) return;
    ballot.state = 'planned';
    const waitMs = open.at + msOf(ballot.vote.after) - this.bus.now;
    this.bus.after(waitMs, () => this.#cast(ballot, approvalId));
  }

  #cast(ballot: Ballot, approvalId: string): void {
    const open = this.#open.get(approvalId);
    if (open === undefined) {
      ballot.state = 'unused';
      return;
    }
    ballot.state = 'cast';
    const { now: issuedAt } = this.bus;
    const { run: runId } = open;
    const { by, vote, reason = 'as the case says' } = ballot.vote;
    const { callHash } = open.opened;
    const commandId = `vote-${this.#ballots.indexOf(ballot)}`;
    const command = CastVote({ commandId, runId, approvalId, callHash, by, vote, reason, issuedAt });
    this.bus.say(approvalCommands.name, command);
  }

  #ballotOf(commandId: string): Ballot | undefined {
    return this.#ballots.find((_ballot, index) => commandId === `vote-${index}`);
  }
}

const isFor = ({ step, tool }: CaseVote, path: string, opened: Opened): boolean =>
  (step === undefined || isStep(step, path)) &&
  (tool === undefined || isTool(tool, opened.action?.tool ?? ''));
