import { BlockList, isIPv4, isIPv6 } from 'node:net';

/**
 * What kind of place an address is. `local`: this machine or a network of its owner. `forbidden`: nobody's server, or one that hands
 * out credentials to whoever is near (link-local, where cloud metadata lives).
 */
export type AddressKind = 'public' | 'local' | 'forbidden';

/** Special-purpose registries of IANA (RFC 6890 and its updates), without what is globally reachable. */
const local = blockList(
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '::1/128',
  'fc00::/7',
);
const forbidden = blockList(
  '0.0.0.0/8',
  '169.254.0.0/16',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/128',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '3fff::/20',
  // NAT64 of a network's own: where the IPv4 address stands in it depends on a length that nobody here knows.
  '64:ff9b:1::/48',
  '5f00::/16',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
);
/** Nothing else of IPv6 has been given out (RFC 4291). */
const globalUnicast = blockList('2000::/3');
/** Metadata services that do not live on a link-local address: of AWS over IPv6, and of Alibaba, Oracle and Azure. */
const metadata = blockList(
  'fd00:ec2::254/128',
  'fd20:ce::254/128',
  '100.100.100.200/32',
  '192.0.0.192/32',
  '168.63.129.16/32',
);

/** Judges an address in any notation that `net.isIP` knows; one with another inside is judged by the one inside as well. */
export function kindOf(address: string): AddressKind {
  const zoneless = address.replace(/%.*$/, '');
  if (isIPv4(zoneless)) return kindIn(zoneless, 'ipv4');
  if (!isIPv6(zoneless)) return 'forbidden';
  const inner = embeddedIPv4(zoneless);
  return inner === undefined ? kindIn(zoneless, 'ipv6') : kindIn(inner, 'ipv4');
}

function kindIn(address: string, family: 'ipv4' | 'ipv6'): AddressKind {
  if (forbidden.check(address, family) || metadata.check(address, family)) return 'forbidden';
  if (local.check(address, family)) return 'local';
  return family === 'ipv4' || globalUnicast.check(address, family) ? 'public' : 'forbidden';
}

/** Prefixes behind which an IPv4 address stands: mapped (two), NAT64 and 6to4; where it begins, in groups of 16 bits. */
const carriers: readonly { readonly prefix: readonly number[]; readonly at: number }[] = [
  { prefix: [0, 0, 0, 0, 0, 0xffff], at: 6 },
  { prefix: [0, 0, 0, 0, 0xffff, 0], at: 6 },
  { prefix: [0x64, 0xff9b, 0, 0, 0, 0], at: 6 },
  { prefix: [0x2002], at: 1 },
];

function embeddedIPv4(address: string): string | undefined {
  const groups = groupsOf(address);
  const carrier = carriers.find(({ prefix }) => prefix.every((group, index) => groups[index] === group));
  const isCompatible = groups.slice(0, 6).every((group) => group === 0) && (groups[6] ?? 0) > 0;
  const at = carrier?.at ?? (isCompatible ? 6 : undefined);
  if (at === undefined) return undefined;
  const [high = 0, low = 0] = groups.slice(at, at + 2);
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** The eight groups of an IPv6 address, by the URL parser's one notation. */
function groupsOf(address: string): number[] {
  const text = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = text.split('::');
  const before = numbersOf(head);
  if (tail === undefined) return before;
  const after = numbersOf(tail);
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

const numbersOf = (text: string): number[] =>
  text === '' ? [] : text.split(':').map((group) => Number.parseInt(group, 16));

function blockList(...subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network = '', bits = ''] = subnet.split('/');
    list.addSubnet(network, Number(bits), isIPv4(network) ? 'ipv4' : 'ipv6');
  }
  return list;
}
