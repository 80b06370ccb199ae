import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { shellWord } from '@interlock/contracts';
import { z } from 'zod';
import { defineCliCommand, type ExitCode, exitCodes, UsageError } from '../command.js';
import { laidOutFiles } from '../init/laid-out.files.js';

export const init = defineCliCommand({
  name: 'init',
  summary: 'Lay out a module: tools, a workflow, policies, and cases of all of them. It overwrites nothing.',
  arguments: [['folder', 'where it is to lie; made if it is not there']],
  options: z.object({
    typescript: z.boolean().default(false).describe('The workflow as an object in TypeScript, not as YAML'),
  }),
  example: 'init my-rooms',

  async run({ typescript }, [given = ''], { output, progress }): Promise<ExitCode> {
    if (given === '') throw new UsageError('name the folder: ./interlock init my-rooms');
    const folder = resolve(given);
    const files = laidOutFiles(folder, typescript ? 'typescript' : 'yaml');
    const there = [...files.keys()].filter((path) => existsSync(join(folder, path)));
    if (there.length > 0) {
      output.json({ ok: false, folder: given, there });
      const [first = '', ...more] = there;
      const others = more.length === 0 ? '' : ` and ${more.length} more of its files`;
      progress(`${given} holds ${first}${others} already. Nothing was written: name another folder.`);
      return exitCodes.refused;
    }
    for (const [path, text] of files) {
      const file = join(folder, path);
      await mkdir(dirname(file), { recursive: true });
      // Something that has come meanwhile is not overwritten either.
      await writeFile(file, text, { flag: 'wx' });
    }
    output.json({ ok: true, folder: given, files: [...files.keys()] });
    output.line(`${files.size} files lie in ${given}. Next:`);
    for (const command of nextCommands(given)) output.line(`  ${command}`);
    return exitCodes.done;
  },
});

function nextCommands(folder: string): string[] {
  const input = JSON.stringify({ day: '2027-01-31', people: 4 });
  return [
    `./interlock workflow test ${shellWord(join(folder, 'book-room.cases.yaml'))}`,
    `./interlock policy test ${shellWord(join(folder, 'policies.tests.yaml'))}`,
    `INTERLOCK_MODULES=${shellWord(folder)} npm start`,
    `./interlock run start book-room --input ${shellWord(input)} --wait`,
  ];
}
