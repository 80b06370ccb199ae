import type { AutonomyLevel, agentEvents, MessageOf, RunEvent, VerdictRecorded } from '@interlock/contracts';

/** An accepted event of `run.events`. */
export type LoggedRunEvent = (RunEvent | MessageOf<(typeof agentEvents)[number]>) & {
  readonly id: string;
  readonly run: string;
  /** UTC ms */
  readonly time: number;
};

export interface OpenStep {
  readonly since: number;
  workMs: number;
  peopleMs: number;
}

export interface CallRequest {
  readonly step: string;
  readonly tool: string;
  readonly purpose: 'step' | 'verify' | 'compensate';
  readonly at: number;
  /** Checks that must allow it, its own included. */
  readonly needs: readonly string[];
  readonly approvalId: string | undefined;
  readonly microUsd: number;
  isPerformed: boolean;
}

export interface OpenApproval {
  readonly step: string;
  readonly kind: 'single' | 'dual';
  readonly subject: 'call' | 'question';
  readonly at: number;
}

/** Of a run that has not ended: what later events are measured against. */
export interface OpenRun {
  readonly workflow: string;
  /** Of its workflow, by now. */
  version: string;
  readonly startedAt: number;
  /** Counted among those that needed an operator. */
  neededOperator: boolean;
  microUsd: number;
  readonly steps: Map<string, OpenStep>;
  readonly callRequests: Map<string, CallRequest>;
  /** Instants at which policy was asked, by check. */
  readonly asked: Map<string, number>;
  /** By check: what policy said of it. */
  readonly verdicts: Map<string, MessageOf<typeof VerdictRecorded>['data']>;
  readonly approvals: Map<string, OpenApproval>;
  readonly granted: Set<string>;
  /** By step: when people were asked to fill in its form. */
  readonly forms: Map<string, number>;
  /** By step: when its model asked whom it serves. */
  readonly questions: Map<string, number>;
  /** Level of each agent step, ended ones too: a plan in shadow is answered later. */
  readonly agents: Map<string, AutonomyLevel>;
  /** Requests to models that are not answered. */
  readonly plans: Map<string, LoggedRunEvent & { readonly type: 'plan.requested' }>;
  /** What of a model is judged, by check. */
  readonly judged: Map<string, 'model.call' | 'model.output'>;
}

export const newRun = (workflow: string, version: string, startedAt: number): OpenRun => ({
  workflow,
  version,
  startedAt,
  neededOperator: false,
  microUsd: 0,
  steps: new Map(),
  callRequests: new Map(),
  asked: new Map(),
  verdicts: new Map(),
  approvals: new Map(),
  granted: new Set(),
  forms: new Map(),
  questions: new Map(),
  agents: new Map(),
  plans: new Map(),
  judged: new Map(),
});

/** Whether the run's own record holds every allow, and every grant, that this request needed. */
export const isAllowed = ({ verdicts, granted }: OpenRun, { needs, approvalId }: CallRequest): boolean =>
  needs.every((check) => {
    const said = verdicts.get(check);
    if (said?.verdict !== 'allow') return false;
    return said.approval === undefined || (approvalId !== undefined && granted.has(approvalId));
  });

export const named = ({ workflow, version }: OpenRun) => ({ workflow, version });

/** A step begins with the first event that names it. */
export function stepOf(run: OpenRun, step: string, time: number): OpenStep {
  let open = run.steps.get(step);
  if (open === undefined) {
    open = { since: time, workMs: 0, peopleMs: 0 };
    run.steps.set(step, open);
  }
  return open;
}

export const seconds = (ms: number): number => ms / 1_000;
