import { agentOutput, compileAgent, lookUpAgent } from '../compile.agent.js';
import { readsOfTable } from '../compile.table.js';
import type { CompiledAgentStep } from '../compiled.step.js';
import { type Reads, readsIn, readsOfTemplate } from '../expression.reads.js';
import { type AgentStep, agentStep } from '../step.schema.js';
import { Form } from './form.js';

export const agentForm = new Form<'agent', AgentStep, CompiledAgentStep>('agent', agentStep, {
  lookUp: (at, step, catalogue, report) => lookUpAgent([...at, 'agent'], step, catalogue, report),
  check(check, { agent: { goal, facts, baseline, ask } }, { table }) {
    check.text(goal, ['agent', 'goal'], 'a goal');
    if (ask !== undefined) check.text(ask.to, ['agent', 'ask', 'to'], 'whom it asks');
    if (facts !== undefined) check.template(facts, ['agent', 'facts']);
    check.table(['agent', 'baseline', 'decide'], baseline.decide, table);
  },
  output: (step, _found, types) => agentOutput(step, types),
  compile(every, step, { at, found, types, catalogue, report }) {
    const agent = compileAgent(at, step, found, types, catalogue, report);
    return agent && { ...every, kind: 'agent', agent };
  },
  reads({ agent: { goal, facts, baseline, ask }, needs }) {
    const reported = facts === undefined ? outputsOf(needs) : readsOfTemplate(facts);
    return readsIn(readsOfTemplate([goal, ask?.to ?? '']), reported, readsOfTable(baseline));
  },
  calls: ({ agent }) => agent.tools,
  mayAct: ({ agent }) => agent.levelMax === 'assisted',
});

const outputsOf = (steps: readonly string[]): Reads => ({
  of: steps.map((step) => ({ step, path: ['output'] })),
  all: false,
});
