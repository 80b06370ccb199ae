import { approvalActor } from '@interlock/approvals';
import { checkActor, Verdicts } from '@interlock/checks';
import {
  approvalCommands,
  approvalEvents,
  hashOf,
  type Identity,
  planEvents,
  policyEvents,
  runCommands,
  runEvents,
  StartRun,
  toolEvents,
  toolHandover,
  VALUE,
} from '@interlock/contracts';
import { letterIn, runActor } from '@interlock/run';
import type { CaseOfRun } from '../case/case.schema.js';
import { CoreBus } from '../cores/core.bus.js';
import type { Core, Perform } from '../cores/hosted.core.js';
import type { Project } from '../project/project.js';
import type { CaseValues } from './case.values.js';

const RUN_ID = 'case';
const SALT = 'a-salt-of-128-bits-0_0';
/** Who starts the run where the case names nobody. */
const starter: Identity = { sub: 'requester', roles: ['operator'] };

const topics = [
  runCommands,
  runEvents,
  planEvents,
  policyEvents,
  toolEvents,
  toolHandover,
  approvalCommands,
  approvalEvents,
];

/** The cores of the services with the start of the run of a case: the same case is the same run each time. */
export function busOf(project: Project, one: CaseOfRun, startsAt: number, values: CaseValues): CoreBus {
  const bus = new CoreBus(RUN_ID, coresOf(project, one, values), topics, { startsAt, random: () => 0 });
  const { name, version, hash } = project.workflow;
  const { input, by = starter } = one;
  const start = { commandId: 'start', runId: RUN_ID, by, issuedAt: startsAt, input, salt: SALT };
  const workflow = { name, version, hash };
  bus.say(runCommands.name, StartRun({ ...start, workflow, requestHash: hashOf({ input }) }));
  return bus;
}

/** What one request to a model may use, as servers have it where nothing is set. */
const MODEL = { timeoutMs: 60_000, tokensMax: 100_000 };

/** A letter of one run to another comes at once. */
const bringLetter: Perform = async (effect, report) => report(letterIn(effect));

const performing =
  (values: CaseValues): Perform =>
  (effect, report) =>
    (effect.kind === VALUE ? values.perform : bringLetter)(effect, report);

function coresOf({ artifacts, hasPolicies }: Project, { model }: CaseOfRun, values: CaseValues): Core[] {
  const run = runActor({
    workflow: (hash) => artifacts.byHash(hash),
    tool: (hash) => artifacts.tool(hash),
    values: values.settings,
    ...(model && { agents: { ...MODEL, level: model.level, model: model.name ?? 'case/model' } }),
  });
  const checks = {
    actor: checkActor(new Verdicts(artifacts), values.settings.atHand),
    topic: policyEvents,
    numbered: false,
  };
  return [
    { actor: run, topic: runEvents, numbered: true, perform: performing(values) },
    ...(hasPolicies ? [checks] : []),
    { actor: approvalActor, topic: approvalEvents, numbered: false },
  ];
}
