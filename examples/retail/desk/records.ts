/** What the shop keeps, as the data set writes it. Amounts are US dollars with two decimals. */
export interface RetailData {
  readonly products: Readonly<Record<string, Product>>;
  readonly users: Readonly<Record<string, User>>;
  readonly orders: Readonly<Record<string, Order>>;
}

export interface Variant {
  readonly item_id: string;
  readonly options: Readonly<Record<string, string>>;
  readonly available: boolean;
  readonly price: number;
}

export interface Product {
  readonly product_id: string;
  readonly name: string;
  readonly variants: Readonly<Record<string, Variant>>;
}

export interface Address {
  readonly address1: string;
  readonly address2: string;
  readonly city: string;
  readonly country: string;
  readonly state: string;
  readonly zip: string;
}

export interface PaymentMethod {
  readonly id: string;
  readonly source: 'gift_card' | 'paypal' | 'credit_card';
  /** Of a gift card. */
  readonly balance?: number;
}

export interface User {
  readonly user_id: string;
  readonly name: { readonly first_name: string; readonly last_name: string };
  readonly address: Address;
  readonly email: string;
  readonly payment_methods: Readonly<Record<string, PaymentMethod>>;
  readonly orders: readonly string[];
}

export interface OrderItem {
  readonly name: string;
  readonly product_id: string;
  readonly item_id: string;
  readonly price: number;
  readonly options: Readonly<Record<string, string>>;
}

export interface Payment {
  readonly transaction_type: 'payment' | 'refund';
  readonly amount: number;
  readonly payment_method_id: string;
}

export interface Order {
  readonly order_id: string;
  readonly user_id: string;
  readonly address: Address;
  readonly items: readonly OrderItem[];
  readonly status: string;
  readonly payment_history: readonly Payment[];
  /** What an action has left: why it was cancelled, what comes back, what goes out instead. */
  readonly [detail: string]: unknown;
}

/** Read access to what the shop keeps, wherever that is. */
export interface Records {
  order(id: string): Order | undefined;
  user(id: string): User | undefined;
  product(id: string): Product | undefined;
  users(): Iterable<User>;
  products(): Iterable<Product>;
}

/** Why the desk does not do what it is asked: the code of a declared failure. */
export type RefusalCode =
  | 'unknown_user'
  | 'unknown_order'
  | 'unknown_product'
  | 'unknown_item'
  | 'unknown_payment_method'
  | 'wrong_status'
  | 'wrong_items'
  | 'wrong_payment_method'
  | 'wrong_amount'
  | 'unavailable'
  | 'balance_too_low'
  | 'bad_expression';

export interface Refusal {
  readonly refused: RefusalCode;
  readonly because: string;
}

export const refuse = (refused: RefusalCode, because: string): Refusal => ({ refused, because });

export const isRefusal = (value: object): value is Refusal => 'refused' in value && 'because' in value;

/** Records to be put in the place of those with the same id, all of them or none. */
export interface Change {
  readonly order?: Order;
  readonly user?: User;
}

export const cents = (dollars: number): number => Math.round(dollars * 100);

/** To whole cents, so that sums of amounts stay amounts. */
export const rounded = (dollars: number): number => cents(dollars) / 100;

/** What a record really holds under a key that somebody else chose. */
export const heldIn = <T>(record: Readonly<Record<string, T>> | undefined, key: string): T | undefined =>
  record !== undefined && Object.hasOwn(record, key) ? record[key] : undefined;
