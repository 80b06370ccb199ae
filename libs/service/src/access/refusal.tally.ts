import type { Access } from './access.log.js';

/** Kinds told apart in one minute; the others of that minute are counted as one. */
const KINDS_MAX = 200;

/** Refusals that would cost more to write down one by one than to refuse: counted by whom, what and why. */
export class RefusalTally {
  readonly #counts = new Map<string, { readonly first: Access; count: number }>();

  add({ subject: _, ...access }: Access): void {
    const { sub, tenant = '', method, route, status } = access;
    const kind = JSON.stringify([tenant, sub, method, route, status]);
    const isFull = this.#counts.size >= KINDS_MAX && !this.#counts.has(kind);
    const at = isFull ? OTHERS : kind;
    const known = this.#counts.get(at);
    if (known === undefined) this.#counts.set(at, { first: isFull ? otherThan(access) : access, count: 1 });
    else known.count++;
  }

  /** What was counted since the last call. */
  take(): Access[] {
    const found = [...this.#counts.values()].map(({ first, count }) => ({
      ...first,
      ...(count > 1 && { count }),
    }));
    this.#counts.clear();
    return found;
  }
}

const OTHERS = 'others';
const otherThan = ({ status, at }: Access): Access => ({
  sub: 'anonymous',
  roles: [],
  method: 'any',
  route: 'any',
  status,
  at,
});
