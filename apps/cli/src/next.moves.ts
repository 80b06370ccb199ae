import { shellWord } from '@interlock/contracts';
import { type Approval, isTerminal, type Run } from '@interlock/contracts/http';
import { voteCommand } from './approval.view.js';

export interface Move {
  readonly words: string;
  /** Who may, when it is not any operator. */
  readonly by?: string;
}

/** The `./interlock` commands that make a run go on, and who may give them; none if only time or a service can do so. */
export function movesOf(run: Run, approvals: readonly Approval[]): Move[] {
  const { runId, status, waitingFor = [] } = run;
  if (isTerminal(run.status)) return movesAfterEnd(run);
  const isBroken = waitingFor.some(({ kind, step }) => kind === 'operator' && step === '');
  const resume = status === 'paused' || isBroken ? [`run resume ${runId} --reason "..."`] : [];
  const waits = waitingFor.flatMap(({ kind, step, detail, runId: child }): string[] => {
    if (kind === 'child') return child === undefined ? [] : [`run show ${child}`];
    if (kind === 'operator' && step === '') return [`run cancel ${runId} --reason "..."`];
    if (kind === 'operator')
      return [
        `run retry ${runId} --step ${shellWord(step)} --reason "..."`,
        `run resolve ${runId} ${shellWord(step)} --happened --output FILE --reason "..."`,
        `run skip ${runId} --step ${shellWord(step)} --reason "..."`,
      ];
    if (kind === 'conversation') return [`run answer ${runId} ${shellWord(step)} --text "..."`];
    if (kind === 'stop') return ['resume-all --reason "..."'];
    return kind === 'signal' ? [`run signal ${runId} --name ${shellWord(detail)} --reason "..."`] : [];
  });
  const votes = approvals.filter((approval) => approval.status === 'pending').flatMap(voteMoves);
  const answers = waitingFor
    .filter(({ kind }) => kind === 'form')
    .map(({ step, form }): Move => {
      const words = `run answer ${runId} ${shellWord(step)} --value FILE --reason "..."`;
      return form === undefined ? { words } : { words, by: form.roles.join(' or ') };
    });
  return [...resume, ...waits].map((words): Move => ({ words })).concat(answers, votes);
}

function voteMoves(approval: Approval): Move[] {
  const by = `${approval.approvers.join(' or ')}, not ${approval.requester}`;
  return [
    { words: voteCommand('approve', approval), by },
    { words: voteCommand('deny', approval), by },
  ];
}

/** What has failed can be taken up again; what somebody has to look at can be closed. */
function movesAfterEnd({ runId, status, failure, resumable }: Run): Move[] {
  const from = failure?.step?.split(/[/[#]/)[0];
  const step = from === undefined ? 'STEP' : shellWord(from);
  return [
    ...(resumable === true ? [`run resume ${runId} --from ${step} --reason "..."`] : []),
    ...(status === 'escalated' ? [`run close ${runId} --reason "..."`] : []),
  ].map((words) => ({ words }));
}
