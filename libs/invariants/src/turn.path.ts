import type { RunEvent } from '@interlock/contracts';

type Opened = Extract<RunEvent, { type: 'scope.opened' }>['data'];

/** What the paths of all steps of a turn begin with; a branch leaves no trace in a path. Apart from how the product writes them. */
export function pathsIn({ step, item, pass }: Opened): string {
  if (item !== undefined) return `${step}[${item}]/`;
  return pass === undefined ? `${step}/` : `${step}#${pass}/`;
}
