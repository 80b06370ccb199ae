import { hashOf, type PublishedArtifact, stepNameOf } from '@interlock/contracts';
import { type CompiledWorkflow, type Flow, flowOf, stepsByName } from '@interlock/language';
import type { PublishedArtifacts } from './published-tools.js';

/** A workflow as the registry compiled it, and what can depend on what in it. */
export interface PublishedWorkflow {
  readonly flow: Flow;
  readonly agents: ReadonlyMap<string, Agent>;
  /** What an agent step says that stands in it, or in a workflow that one of its steps starts. */
  agentAt(path: string): Agent | undefined;
}

/** What an agent step says of its model. */
export interface Agent {
  readonly approvers: readonly string[];
  readonly asksForReads: boolean;
}

/** The workflows of the published artifacts, each hashed and read once. */
export class PublishedWorkflows {
  readonly #byHash = new Map<string, PublishedWorkflow>();

  constructor(private readonly artifacts: PublishedArtifacts) {}

  /** Undefined: not published (yet), or it is not what its hash says. */
  byHash(hash: string): PublishedWorkflow | undefined {
    const known = this.#byHash.get(hash);
    if (known !== undefined) return known;
    const workflow = this.#published(this.artifacts.byHash(hash), hash);
    if (workflow !== undefined) this.#byHash.set(hash, workflow);
    return workflow;
  }

  #published(artifact: PublishedArtifact | undefined, hash: string): PublishedWorkflow | undefined {
    if (artifact?.kind !== 'workflow' || artifact.compiled === undefined) return undefined;
    const { hash: named, ...body } = artifact.compiled as CompiledWorkflow;
    if (named !== hash || hashOf(body) !== hash) return undefined;
    const agents = agentsOf(body);
    const children = childrenOf(body);
    const agentAt = (path: string): Agent | undefined => {
      const name = stepNameOf(path);
      return agents.get(name) ?? this.#inChild(children, name);
    };
    return { flow: flowOf(body), agents, agentAt };
  }

  #inChild(children: ReadonlyMap<string, string>, name: string): Agent | undefined {
    for (const [step, hash] of children)
      if (name.startsWith(`${step}/`)) return this.byHash(hash)?.agentAt(name.slice(step.length + 1));
    return undefined;
  }
}

/** Of steps that start a workflow: the hash of that, by the name of the step. */
const childrenOf = ({ steps }: Pick<CompiledWorkflow, 'steps'>): ReadonlyMap<string, string> =>
  new Map(
    [...stepsByName(steps)].flatMap(([name, step]) =>
      step.kind === 'workflow' ? [[name, step.workflow.hash] as const] : [],
    ),
  );

const agentsOf = ({ steps }: Pick<CompiledWorkflow, 'steps'>): ReadonlyMap<string, Agent> =>
  new Map(
    [...stepsByName(steps)].flatMap(([name, step]) => {
      if (step.kind !== 'agent') return [];
      const { approvers, reads } = step.agent;
      return [[name, { approvers, asksForReads: reads === 'asked' }] as const];
    }),
  );
