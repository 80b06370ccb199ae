import { isIP } from 'node:net';
import { kindOf } from './address.js';

/** One place that may be reached. */
export interface AllowedHost {
  /** A name, `*.` and a name for every name below it, or an address; lower case, IPv6 without brackets. */
  readonly host: string;
  readonly port: number;
  /** Whether its addresses may be local ones: because they are named, or because the entry says so. */
  readonly local: boolean;
}

/** Why an entry of an allow-list cannot be used; a sentence for whoever wrote it. */
export class AllowListError extends Error {
  constructor(entry: string, why: string) {
    super(`${JSON.stringify(entry)} is no place to allow: ${why}`);
    this.name = 'AllowListError';
  }
}

const LOCAL = '=local';

/**
 * `host:port`, `*.domain:port`, `address:port` or `[address]:port`. Behind a name, `=local` lets it have addresses of a private network
 * or of this machine; an address that is written out is allowed as it is.
 * @throws {AllowListError}
 */
export function allowedHost(entry: string): AllowedHost {
  const isLocal = entry.endsWith(LOCAL);
  const place = isLocal ? entry.slice(0, -LOCAL.length) : entry;
  const isBelow = place.startsWith('*.');
  const { host, port } = hostAndPort(isBelow ? place.slice(2) : place, entry);
  if (isIP(host) === 0) {
    if (isBelow && !host.includes('.')) throw new AllowListError(entry, '* stands before a whole domain');
    return { host: isBelow ? `*.${host}` : host, port, local: isLocal || host === 'localhost' };
  }
  if (isBelow) throw new AllowListError(entry, '* stands before a name, not before an address');
  return { host, port, local: kindOf(host) !== 'public' };
}

function hostAndPort(place: string, entry: string): { host: string; port: number } {
  const match = /^(\[[^\]]+\]|[^:]+):(\d{1,5})$/.exec(place);
  if (match === null) throw new AllowListError(entry, 'write it as host:port, such as hooks.example.com:443');
  const port = Number(match[2]);
  if (port < 1 || port > 65_535) throw new AllowListError(entry, 'a port is a number from 1 to 65535');
  return { host: canonicalHost(match[1] ?? '', entry), port };
}

/** As a URL would have it: lower case, Punycode, addresses in their one notation. */
function canonicalHost(host: string, entry: string): string {
  if (host.includes('*') || !URL.canParse(`http://${host}`))
    throw new AllowListError(entry, `${host} is no host`);
  const url = new URL(`http://${host}`);
  if (url.host === '' || url.pathname !== '/' || url.username !== '' || url.search !== '' || url.hash !== '')
    throw new AllowListError(entry, `${host} is no host`);
  return bare(url.hostname);
}

/** The host of a URL, IPv6 without brackets and names without a dot at their end. */
export const hostOf = ({ hostname }: URL): string => bare(hostname);
const bare = (host: string): string => host.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');

/** The port of a URL, the scheme's own where it names none. */
export const portOf = ({ port, protocol }: URL): number =>
  port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port);

/** The entry that lets a URL be reached, with `local` also where its name has addresses of a private network or of this machine. */
export function entryOf(url: URL, { local = false } = {}): string {
  const isName = isIP(hostOf(url)) === 0;
  return `${url.hostname}:${portOf(url)}${local && isName ? LOCAL : ''}`;
}

/** The entry that allows this place; one that allows local addresses goes before one that does not. */
export function entryFor(list: readonly AllowedHost[], host: string, port: number): AllowedHost | undefined {
  const found = list.filter((entry) => entry.port === port && covers(entry.host, host));
  return found.find(({ local }) => local) ?? found[0];
}

const covers = (allowed: string, host: string): boolean =>
  allowed.startsWith('*.') ? host.endsWith(allowed.slice(1)) && isIP(host) === 0 : allowed === host;
