// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import type { ModuleFactory } from '@interlock/tools';

/** An order that is paid writes an entry; events are signed with SHOP_SECRET. */
const paid: ModuleFactory = () => ({
  triggers: [
    {
      id: 'paid',
      secret: 'SHOP_SECRET',
      key: 'event.order',
      does: { start: { workflow: 'ledger-keyed', input: { entry: '${event.order}' } } },
    },
  ],
});

export default paid;
