import type { PlantedBug } from '@interlock/simulation';
import { actorBugs } from './bugs/actor.bugs.ts';
import { familyBugs } from './bugs/family.bugs.ts';
import { hostBugs } from './bugs/host.bugs.ts';
import { logBugs } from './bugs/log.bugs.ts';
import { peopleBugs } from './bugs/people.bugs.ts';
import { rollbackBugs } from './bugs/rollback.bugs.ts';
import { talkBugs } from './bugs/talk.bugs.ts';
import { turnBugs } from './bugs/turn.bugs.ts';
import { valueBugs } from './bugs/value.bugs.ts';

/** Rules of the protocol taken back one at a time. The simulator must notice each. */
export const plantedBugs: readonly PlantedBug[] = [
  ...logBugs,
  ...hostBugs,
  ...actorBugs,
  ...peopleBugs,
  ...rollbackBugs,
  ...turnBugs,
  ...familyBugs,
  ...talkBugs,
  ...valueBugs,
];
