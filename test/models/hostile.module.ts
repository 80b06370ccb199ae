import { appendFileSync } from 'node:fs';
import type { ModuleFactory } from '@interlock/tools';
import { document, policies, rules, Shop } from '../simulation/hostile/shop.ts';

export const env = ['HOSTILE_FILE'];

/** The shop of the hostile planner, which writes down what is done in it: `HOSTILE_FILE`. */
const module: ModuleFactory = () => {
  const shop = new Shop();
  shop.wrote = (done) => appendFileSync(process.env.HOSTILE_FILE ?? '', `${JSON.stringify(done)}\n`);
  const { name: id, ...table } = rules;
  return {
    tools: shop.tools,
    workflows: [document],
    tables: [{ id, ...table }],
    policies: policies.map((text, at) => ({ id: `hostile-${at}`, text })),
  };
};

export default module;
