import type { OrderItem, Product, Variant } from '../desk/records.ts';

/** What is sold: a name, the option in which the variants differ, and the price of the first variant in cents. */
const kinds: readonly [name: string, option: string, values: readonly string[], cents: number][] = [
  ['Water Bottle', 'capacity', ['500 ml', '750 ml', '1000 ml', '2000 ml'], 1_895],
  ['Desk Lamp', 'brightness', ['low', 'medium', 'high', 'adjustable'], 4_350],
  ['Mechanical Keyboard', 'switches', ['linear', 'tactile', 'clicky', 'silent'], 12_499],
  ['Hiking Boots', 'size', ['8', '9', '10', '11'], 17_925],
  ['Office Chair', 'material', ['mesh', 'fabric', 'leather', 'velvet'], 32_980],
  ['Tea Kettle', 'material', ['steel', 'glass', 'ceramic', 'copper'], 6_710],
  ['Backpack', 'color', ['black', 'navy', 'green', 'grey'], 8_999],
  ['Laptop', 'memory', ['16 GB', '32 GB', '64 GB', '128 GB'], 114_900],
];

/** Index of the product that costs more than one person may agree to; the products before it cost less. */
export const LAPTOP = 7;

/** Of every product the last variant is sold out. */
const AVAILABLE = 3;

const productId = (product: number): string => `${3_000_001 + product}`;

/** Each further variant costs a tenth more, in whole cents. */
function variantOf(product: number, variant: number): Variant {
  const [, option, values, cents] = kinds[product]!;
  return {
    item_id: `${50_000_001 + 10 * product + variant}`,
    options: { [option]: values[variant]! },
    available: variant < AVAILABLE,
    price: Math.round(cents * (1 + variant / 10)) / 100,
  };
}

export function catalogue(): Record<string, Product> {
  const products = kinds.map(([name, , values], product) => {
    const variants = values.map((_, variant) => variantOf(product, variant));
    const byId = Object.fromEntries(variants.map((one) => [one.item_id, one]));
    return { product_id: productId(product), name, variants: byId };
  });
  return Object.fromEntries(products.map((one) => [one.product_id, one]));
}

/** A product as it stands in an order. */
export function ordered(product: number, variant: number): OrderItem {
  const { item_id, options, price } = variantOf(product, variant);
  return { name: kinds[product]![0], product_id: productId(product), item_id, price, options };
}

/** The next variant that can be had instead of an ordered one. */
export function otherVariant({ product_id, item_id }: OrderItem): string {
  const product = Number(product_id) - 3_000_001;
  const variant = Number(item_id) - 50_000_001 - 10 * product;
  return variantOf(product, (variant + 1) % AVAILABLE).item_id;
}
