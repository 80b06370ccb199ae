import { keysDirectoryOf } from '@interlock/authority';
import { z } from 'zod';
import { defineCliCommand, type ExitCode, exitCodes } from '../command.js';
import { brokersReachable } from '../doctor/broker.check.js';
import { dataDirectory, diskSpace, keyFiles } from '../doctor/data-directory.check.js';
import type { Finding } from '../doctor/finding.js';
import { nodeVersion, reachable, ready, tokenAccepted, workflows } from '../doctor/server.check.js';

export const doctor = defineCliCommand({
  name: 'doctor',
  summary: 'Check this machine and the server, and say what to do.',
  arguments: [],
  options: z.object({}),
  example: 'doctor',

  async run(_options, _positional, { client, output, environment }): Promise<ExitCode> {
    const server = await reachable(client);
    const directory = environment.INTERLOCK_DATA_DIR ?? '.interlock';
    const findings: Finding[] = [
      nodeVersion(),
      ...(await dataDirectory(directory)),
      ...(await keyFiles(keysDirectoryOf(environment))),
      ...(await diskSpace(directory)),
      ...(await brokersReachable(environment.KAFKA_BROKERS)),
      server,
      ...(server.ok ? [await ready(client), await tokenAccepted(client), await workflows(client)] : []),
    ];
    output.json({ findings });
    for (const { check, ok, detail, advice } of findings) {
      output.line(
        `${ok ? output.style('green', 'ok  ') : output.style('red', 'FAIL')}  ${check}: ${output.coloured(detail)}`,
      );
      if (!ok && advice !== undefined) output.line(`      ${advice}`);
    }
    if (!server.ok) return exitCodes.unreachable;
    return findings.every(({ ok }) => ok) ? exitCodes.done : exitCodes.refused;
  },
});
