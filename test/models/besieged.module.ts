// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import type { ModuleFactory } from '@interlock/tools';
import desk, { env as own } from './asking.module.ts';

export const env = own;

const answer = { run: '${event.run}', question: '${event.question}', text: '${event.text}' };

/** The desk, and triggers of others that sign with the same key. */
const besieged: ModuleFactory = async (kit) => {
  const whole = await desk(kit);
  return {
    ...whole,
    triggers: [
      ...(whole.triggers ?? []),
      { id: 'other', secret: 'CRM_SECRET', does: { answer } },
      { id: 'acme', secret: 'CRM_SECRET', tenant: 'acme', does: { answer } },
    ],
  };
};

export default besieged;
