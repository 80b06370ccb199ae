import type { PlantedBug } from '@interlock/simulation';
import { storedOf, Values } from '@interlock/values';

/** A method of `Values` done otherwise for the time of one simulation. */
const instead =
  <Name extends 'keep' | 'bytes'>(name: Name, method: (own: Values[Name]) => Values[Name]) =>
  (): (() => void) => {
    const own = Values.prototype[name];
    Values.prototype[name] = method(own);
    return () => {
      Values.prototype[name] = own;
    };
  };

export const valueBugs: readonly PlantedBug[] = [
  {
    name: 'names-before-durable',
    wrong: 'a value is named by an event before the store has said that it is durable',
    by: ['defect'],
    documents: 'large',
    patch: instead(
      'keep',
      (own) =>
        async function keep(this: Values, family, value, patience) {
          own.call(this, family, value, patience).catch(() => undefined);
          return storedOf(Buffer.from(JSON.stringify(value)));
        },
    ),
  },
  {
    name: 'altered-is-read',
    wrong: 'what the store gives is used without a look at its hash',
    by: ['defect'],
    documents: 'large',
    patch: instead(
      'bytes',
      () =>
        async function bytes(this: Values, family, { hash }) {
          const found = await this.store.get({ family, hash });
          return found ?? Buffer.from('{}');
        },
    ),
  },
];
