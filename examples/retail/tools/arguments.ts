import type { ModuleKit } from '@interlock/tools';

/** Forms of the arguments that several tools share. */
export function argumentForms({ z }: ModuleKit) {
  const id = z.string().min(1).max(100).meta({ classification: 'public' });
  const text = z.string().max(200).meta({ classification: 'personal' });
  return {
    id,
    customer: z
      .string()
      .min(1)
      .max(100)
      .meta({ classification: 'personal' })
      .describe('For whom: their user id'),
    orderId: id.describe('As in #W1234567'),
    amountCents: z
      .int()
      .min(0)
      .max(100_000_000)
      .meta({ classification: 'public' })
      .describe('What the goods are worth that this is about, in cents, at the prices of the order'),
    itemIds: z.array(id).min(1).max(50),
    paymentMethodId: id.describe('One of the customer’s own'),
    address: {
      address1: text,
      address2: text,
      city: text,
      state: text,
      country: text,
      zip: text,
    },
  };
}
