// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import type { ModuleFactory } from '@interlock/tools';

const reads = (id: string, name: string) => ({
  id,
  topic: { name, events: 'json', from: 'now' } as const,
  key: 'event.order',
  does: { start: { workflow: 'ledger-keyed', input: { entry: '${event.order}' } } },
});

/** Topics of others that do not stay as they were when reading began. */
const changing: ModuleFactory = () => ({
  triggers: [reads('growing', 'shop.growing'), reads('cut', 'shop.cut'), reads('odd', 'shop.odd')],
});

export default changing;
