import { type CompiledStep, type CompiledWorkflow, childOutput } from '@interlock/language';
import type { GivenSchema, Published } from '../../migration/facts.js';

/** What a run of the workflow gives that the step starts. */
export function givenByChild(definition: CompiledStep, published: Published): GivenSchema {
  if (definition.kind !== 'workflow') return {};
  const { workflow, detached } = definition;
  if (detached === true) return { unknown: 'it gives the id of its child there, and not its output' };
  const { compiled } = published.workflow(workflow.hash) ?? {};
  if (compiled === undefined)
    return { unknown: `${workflow.name}@${workflow.version} is not known here yet` };
  const schema = childOutput(compiled as CompiledWorkflow);
  return schema === undefined ? {} : { schema };
}
