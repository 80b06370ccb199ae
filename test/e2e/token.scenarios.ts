import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import type { Stage } from './people.scenarios.ts';
import { newPlace } from './place.ts';
import { tokenOf, tokenWithSwappedAlgorithm, unsignedToken } from './tokens.ts';

const cli = fileURLToPath(new URL('../../apps/cli/dist/main.js', import.meta.url));
const ada = { sub: 'ada', roles: ['finance'] };

/** Tokens that would be taken, but for one thing. */
const bad: Readonly<Record<string, (keys: string) => Promise<string> | string>> = {
  'for another audience': (keys) => tokenOf(keys, { ...ada, aud: 'another' }),
  'of another issuer': (keys) => tokenOf(keys, { ...ada, iss: 'another' }),
  'that has expired': (keys) => tokenOf(keys, { ...ada, lifeS: -60 }),
  'with the algorithm none': () => unsignedToken(ada),
  'with the public key as a password': (keys) => tokenWithSwappedAlgorithm(keys, ada),
  'of somebody else’s key': async () => {
    const elsewhere = await newPlace('elsewhere');
    const token = await tokenOf(elsewhere.directory, ada);
    await elsewhere.remove();
    return token;
  },
  'that is garbage': () => 'garbage',
};

/** A vote counts only with a token that this system trusts. */
export function strangersTokens(stage: Stage): void {
  test('a vote under a bad token is 401, and the same vote under a token of the command line counts', async () => {
    const { system, person, paid } = stage;
    const rita = person('rita', 'operator');
    const { approvalId, runId, callHash } = await rita.asksFor('pay-single', { entry: 'tokens', cents: 9 });
    const voteUnder = (token: string) =>
      fetch(`${system.url}/v1/approvals/${approvalId}/votes`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ vote: 'approve', callHash, reason: 'test' }),
      }).then(({ status }) => status);
    const answers = await Promise.all(
      Object.entries(bad).map(async ([what, make]) => [what, await voteUnder(await make(system.keys))]),
    );
    expect(answers).toEqual(Object.keys(bad).map((what) => [what, 401]));
    expect(await rita.approval(approvalId)).toMatchObject({ status: 'pending', votes: [] });
    expect(paid('tokens')).toEqual([]);
    expect(await voteUnder(await printedToken(system.keys))).toBe(202);
    await rita.runUntil(runId, 'completed');
    expect(paid('tokens')).toEqual(['pay']);
  });
}

/** What `./interlock token --sub ada --role finance` prints. */
async function printedToken(keysDirectory: string): Promise<string> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [cli, 'token', '--sub', ada.sub, '--role', 'finance'],
    { env: { ...process.env, INTERLOCK_KEYS_DIR: keysDirectory } },
  );
  return stdout.trim();
}
