import { type Approval, voteCommand } from './approval.view.js';
import { isTerminal, type Run } from './run.view.js';

/** The exact commands that would make a run go on; none where only time or a service can. */
export function movesOf(run: Run, approvals: readonly Approval[]): string[] {
  const { runId, status, waitingFor = [] } = run;
  if (isTerminal(run)) return [];
  const resume = status === 'paused' ? [`./interlock run resume ${runId} --reason "..."`] : [];
  const waits = waitingFor.flatMap(({ kind, step, detail }) => {
    if (kind === 'operator')
      return [
        `./interlock run retry ${runId} --step ${step} --reason "..."`,
        `./interlock run skip ${runId} --step ${step} --reason "..."`,
      ];
    return kind === 'signal' ? [`./interlock run signal ${runId} --name ${detail} --reason "..."`] : [];
  });
  const votes = approvals.filter(({ status: of }) => of === 'pending').flatMap(voteMoves);
  return [...resume, ...waits, ...votes];
}

const voteMoves = (approval: Approval): string[] => [
  `${voteCommand('approve', approval)}   # by ${approval.approvers.join(' or ')}, not ${approval.requester}`,
  voteCommand('deny', approval),
];
