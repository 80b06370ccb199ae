import {
  evidenceKeyPath,
  KeyFile,
  keysDirectoryOf,
  publishKeys,
  SealingKeys,
  SealingTargets,
  sealingKeyPath,
} from '@interlock/authority';
import { errorText } from '@interlock/contracts';
import { z } from 'zod';
import { type CliServices, defineCliCommand, type ExitCode, exitCodes, UsageError } from '../command.js';

export const keysList = defineCliCommand({
  name: 'keys list',
  summary:
    'Show the keys of this installation that exports were signed with; --json is a file for verify --keys.',
  arguments: [],
  options: z.object({}),
  example: 'keys list --json > keys.json',

  run: async (_options, _positional, services) => tell(keyFile(services), services),
});

export const keysRotate = defineCliCommand({
  name: 'keys rotate',
  summary: 'Sign exports with a new key from now on. What the old one signed can still be checked.',
  arguments: [],
  options: z.object({
    sealing: z
      .enum(['orchestrator', 'approval', 'registry'])
      .optional()
      .describe(
        'Instead: seal tokens to a new key of this service. Its earlier keys still open what is under way',
      ),
    dryRun: z.boolean().default(false).describe('Show the keys, change nothing'),
  }),
  example: 'keys rotate',

  async run({ dryRun, sealing }, _positional, services) {
    if (sealing !== undefined) return rotateSealing(sealing, dryRun, services);
    const file = keyFile(services);
    if (!dryRun) {
      file.rotate();
      publishKeys(keysDirectoryOf(services.environment), file);
    }
    return tell(file, services);
  },
});

/** @throws {UsageError} there is none here, or it cannot be used */
function keyFile({ environment }: CliServices): KeyFile {
  const path = evidenceKeyPath(keysDirectoryOf(environment));
  let file: KeyFile | undefined;
  try {
    file = KeyFile.find(path);
  } catch (error) {
    throw new UsageError(errorText(error));
  }
  if (file === undefined) {
    throw new UsageError(
      `there is no ${path}: a server makes it. INTERLOCK_KEYS_DIR names the folder of its keys, INTERLOCK_DATA_DIR the one around it.`,
    );
  }
  return file;
}

function tell(file: KeyFile, { output }: CliServices): ExitCode {
  const set = file.keySet();
  output.json(set);
  output.table(
    ['key', 'signs', 'public key'],
    set.keys.map(({ kid, x }) => [kid, kid === set.current ? 'now' : '', x]),
  );
  return exitCodes.done;
}

function rotateSealing(
  service: 'orchestrator' | 'approval' | 'registry',
  dryRun: boolean,
  { environment, output }: CliServices,
): ExitCode {
  const directory = keysDirectoryOf(environment);
  const path = sealingKeyPath(directory, service);
  try {
    const keys = SealingKeys.open(directory, service);
    if (!dryRun) keys.rotate();
  } catch (error) {
    throw new UsageError(errorText(error));
  }
  const { kid } = new SealingTargets(directory).keyOf(service);
  output.json({ service, kid, path });
  output.line(`Commands to the ${service} are sealed to key ${kid} by every gateway that has ${path}.`);
  return exitCodes.done;
}
