import { type CliCommand, type Environment, type ExitCode, exitCodes } from './command.js';
import { commandLine } from './command.line.js';
import { approvalsList } from './commands/approvals.list.js';
import { approvalsShow } from './commands/approvals.show.js';
import { approvalsApprove, approvalsDeny } from './commands/approvals.vote.js';
import { bulkCommands } from './commands/bulk.js';
import { circuitsCommand } from './commands/circuits.js';
import { completionOf } from './commands/completion.js';
import { doctor } from './commands/doctor.js';
import { events } from './commands/events.js';
import { init } from './commands/init.js';
import { keysList, keysRotate } from './commands/keys.js';
import { login, logout } from './commands/login.js';
import { modulePublish } from './commands/module.publish.js';
import { operatorCommands } from './commands/operator.commands.js';
import { policyActivate, policyDeny } from './commands/policy.activate.js';
import { policyList } from './commands/policy.list.js';
import { policyTest } from './commands/policy.tests.js';
import { quarantineCommands } from './commands/quarantine.js';
import { replay } from './commands/replay.js';
import { runEvents } from './commands/run.events.js';
import { runExport } from './commands/run.export.js';
import { runList } from './commands/run.list.js';
import { runMigrate } from './commands/run.migrate.js';
import { runRecord } from './commands/run.record.js';
import { runSearch } from './commands/run.search.js';
import { runShow } from './commands/run.show.js';
import { runStart } from './commands/run.start.js';
import { runSteps } from './commands/run.steps.js';
import { runWatch } from './commands/run.watch.js';
import { scheduleAdd, scheduleDelete, schedulePause, scheduleResume } from './commands/schedule.change.js';
import { scheduleList, scheduleShow } from './commands/schedule.list.js';
import { state } from './commands/state.js';
import { resumeAll, stop, stopList } from './commands/stop.js';
import { token } from './commands/token.js';
import { toolList } from './commands/tool.list.js';
import { verify } from './commands/verify.js';
import { workflowTest } from './commands/workflow.cases.js';
import { workflowCheck } from './commands/workflow.check.js';
import { workflowGraph } from './commands/workflow.graph.js';
import { workflowPublish } from './commands/workflow.publish.js';
import { workflowSchema } from './commands/workflow.schema.js';
import { explain } from './explain.js';
import type { Look } from './output.js';

export const commands: readonly CliCommand[] = [
  runStart,
  runList,
  runSearch,
  runShow,
  runSteps,
  runWatch,
  runEvents,
  runExport,
  runRecord,
  ...operatorCommands,
  runMigrate,
  ...bulkCommands,
  events,
  approvalsList,
  approvalsShow,
  approvalsApprove,
  approvalsDeny,
  workflowCheck,
  workflowTest,
  workflowSchema,
  workflowPublish,
  workflowGraph,
  init,
  modulePublish,
  toolList,
  policyTest,
  policyList,
  policyActivate,
  policyDeny,
  stop,
  stopList,
  resumeAll,
  scheduleList,
  scheduleShow,
  scheduleAdd,
  schedulePause,
  scheduleResume,
  scheduleDelete,
  circuitsCommand,
  ...quarantineCommands,
  verify,
  replay,
  state,
  login,
  logout,
  token,
  keysList,
  keysRotate,
  doctor,
  completionOf(() => commands),
];

export interface Terminal {
  readonly environment: Environment;
  out(text: string): void;
  error(text: string): void;
  /** What `out` can show; absent: no colours, nothing cut. */
  readonly look?: Look;
  /** UTC ms; absent: the clock of this machine. */
  now?(): number;
}

/** Runs one command line (without program and script) and answers with its exit code. */
export async function runCli(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = exitCodes.done;
  const isJson = argv.includes('--json');
  const program = commandLine(
    commands,
    terminal,
    (ended) => {
      code = ended;
    },
    isJson,
  );
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    return explain(error, {
      print: (text) => terminal.error(text),
      isJson,
    });
  }
}
