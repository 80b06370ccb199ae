/** What Node itself needs: where programs are, the time zone, and whom to trust over TLS. */
const always = ['PATH', 'TZ', 'NODE_EXTRA_CA_CERTS'];

/** Interlock's own settings hold its credentials; the others change what a process runs. */
const reserved = /^(INTERLOCK_|KAFKA_|REDIS_|OTEL_|NODE_|LD_|DYLD_)/;
const form = /^[A-Za-z_][A-Za-z0-9_]{0,199}$/;

/** What is wrong with the names that a module declares; undefined: nothing. */
export function environmentProblem(env: unknown): string | undefined {
  if (!Array.isArray(env)) return 'its export env must be a list of names of settings';
  for (const name of env) {
    if (typeof name !== 'string' || !form.test(name))
      return `its export env holds ${JSON.stringify(name)?.slice(0, 200)}, which names no setting`;
    if (reserved.test(name)) return `its export env asks for ${name}, which no module may have`;
  }
  return undefined;
}

/** The environment of a child: what its module has declared, as far as it is set. */
export function childEnvironment(
  whole: Readonly<Record<string, string | undefined>>,
  env: readonly string[],
): Record<string, string> {
  const names = [...always, ...env];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = whole[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
