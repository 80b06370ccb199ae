// biome-ignore-all lint/suspicious/noTemplateCurlyInString: documents hold expressions
import type { ModuleFactory } from '@interlock/tools';

/** Orders that stand in topics of a shop write entries: JSON documents in one, CloudEvents in the other. */
const topics: ModuleFactory = () => ({
  triggers: [
    {
      id: 'shop-orders',
      topic: { name: 'shop.orders', events: 'json', from: 'beginning' },
      filter: 'event.paid',
      key: 'event.order',
      does: { start: { workflow: 'ledger-keyed', input: { entry: '${event.order}' } } },
    },
    {
      id: 'shop-half',
      topic: { name: 'shop.half', events: 'json', from: 'beginning' },
      key: 'event.order',
      does: { start: { workflow: 'ledger-keyed', input: { entry: '${event.order}' } } },
    },
    {
      id: 'shop-events',
      topic: { name: 'shop.events', events: 'cloudevents', from: 'beginning' },
      filter: 'event.type == "order.paid"',
      does: { start: { workflow: 'ledger-keyed', input: { entry: '${event.data.order}' } } },
    },
  ],
});

export default topics;
