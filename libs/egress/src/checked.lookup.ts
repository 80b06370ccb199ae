import { type LookupAddress, lookup as resolve } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { kindOf } from './address.js';
import type { AllowedHost } from './allow.list.js';
import { EgressRefusedError } from './egress.error.js';

export type Resolve = (
  host: string,
  answer: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void;

const bySystem: Resolve = (host, answer) => resolve(host, { all: true }, answer);

/**
 * Resolves a name for a connection and answers only with addresses that the connection may go to. The socket connects to exactly
 * these, so a name that means something else a moment later (DNS rebinding) changes nothing. One bad address spoils the name: which
 * of several is used would be the resolver's choice.
 */
export function checkedLookup({ port, local }: AllowedHost, byName: Resolve = bySystem): LookupFunction {
  return (host, { all }, answer) => {
    byName(host, (error, addresses) => {
      if (error !== null) return answer(error, []);
      // A machine's own name often has a link-local address as well, which is left out where local ones are meant.
      const usable = local ? addresses.filter(({ address }) => mayGoTo(address, local)) : addresses;
      const bad = (usable.length > 0 ? usable : addresses).find(({ address }) => !mayGoTo(address, local));
      if (bad !== undefined) return answer(addressRefused(`${host}:${port}`, bad.address), []);
      const [first] = usable;
      if (first === undefined) return answer(noAddress(host), []);
      if (all === true) answer(null, usable);
      else answer(null, first.address, first.family);
    });
  };
}

function mayGoTo(address: string, mayBeLocal: boolean): boolean {
  const kind = kindOf(address);
  return kind === 'public' || (kind === 'local' && mayBeLocal);
}

export const addressRefused = (place: string, address: string): EgressRefusedError =>
  new EgressRefusedError(
    'address',
    place,
    `its address ${address} is ${kindOf(address) === 'local' ? 'local, and its entry does not say =local' : 'one that nobody may be sent to'}`,
  );

const noAddress = (host: string): Error =>
  Object.assign(new Error(`${host} has no address`), { code: 'ENOTFOUND' });
