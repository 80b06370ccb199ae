import { ownOrder, type Stated } from './own.order.ts';
import {
  heldIn,
  type Order,
  type Product,
  type Records,
  type Refusal,
  refuse,
  type User,
  type Variant,
} from './records.ts';

type Id<Name extends string> = Readonly<Record<Name, string>>;

const same = (a: string, b: string): boolean => a.trim().toLowerCase() === b.trim().toLowerCase();

function userWhere(records: Records, holds: (user: User) => boolean): Id<'user_id'> | Refusal {
  for (const user of records.users()) if (holds(user)) return { user_id: user.user_id };
  return refuse('unknown_user', 'nobody is known like that');
}

/** What the desk can look up. */
export const lookUps = {
  userByEmail: (records: Records, { email }: Id<'email'>) =>
    userWhere(records, (user) => same(user.email, email)),

  userByNameAndZip: (records: Records, asked: Id<'first_name' | 'last_name' | 'zip'>) =>
    userWhere(
      records,
      ({ name, address }) =>
        same(name.first_name, asked.first_name) &&
        same(name.last_name, asked.last_name) &&
        same(address.zip, asked.zip),
    ),

  user: (records: Records, { user_id }: Id<'user_id'>): User | Refusal =>
    records.user(user_id) ?? refuse('unknown_user', `there is no user ${user_id}`),

  order: (records: Records, asked: Stated): Order | Refusal => ownOrder(records, asked),

  product: (records: Records, { product_id }: Id<'product_id'>): Product | Refusal =>
    records.product(product_id) ?? refuse('unknown_product', `there is no product ${product_id}`),

  item(records: Records, { item_id }: Id<'item_id'>): Variant | Refusal {
    for (const { variants } of records.products()) {
      const variant = heldIn(variants, item_id);
      if (variant !== undefined) return variant;
    }
    return refuse('unknown_item', `there is no item ${item_id}`);
  },
};
