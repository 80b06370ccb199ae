import { withoutAbsent } from '../compile.fields.js';
import type { CompiledSwitchStep } from '../compiled.step.js';
import { readsIn, readsOfExpression } from '../expression.reads.js';
import { type SwitchStep, switchStep } from '../step.schema.js';
import { Form } from './form.js';

export const switchForm = new Form<'switch', SwitchStep, CompiledSwitchStep>('switch', switchStep, {
  check(check, { switch: branches }) {
    const taken = new Set<string>();
    for (const [index, branch] of branches.entries()) {
      const at = ['switch', index];
      // A path does not say which branch was taken, so what is known of one step would be said of the other.
      for (const id of Object.keys(branch.steps))
        if (taken.has(id))
          check.report([...at, 'steps', id], `another branch has a step "${id}" too: choose another id`);
        else taken.add(id);
      if ('when' in branch) check.condition(branch.when, [...at, 'when']);
      else if (index < branches.length - 1)
        check.report([...at, 'otherwise'], 'must be the last branch: those behind it would never be taken');
    }
  },
  bodies: ({ switch: branches }) =>
    branches.map(({ steps, output }, index) => ({ at: ['switch', index], steps, output })),
  compile: (every, { switch: branches }, { bodies }) => ({
    ...every,
    kind: 'switch',
    branches: branches.flatMap((branch, index) => {
      const body = bodies[index];
      return body === undefined
        ? []
        : withoutAbsent({ when: 'when' in branch ? branch.when : undefined, ...body });
    }),
  }),
  reads: ({ branches }) =>
    readsIn(...branches.flatMap(({ when }) => (when === undefined ? [] : readsOfExpression(when)))),
  compiledBodies: ({ branches }) => branches,
  withBodies: (step, bodies) => ({
    ...step,
    branches: step.branches.map((branch, index) => ({ ...branch, ...bodies[index] })),
  }),
});
