import { z } from 'zod';
import { type CliCommand, defineCliCommand, exitCodes, UsageError } from '../command.js';
import { completionScript, shells } from '../completion.script.js';

/** @param commands every command there is, this one included */
export const completionOf = (commands: () => readonly CliCommand[]): CliCommand =>
  defineCliCommand({
    name: 'completion',
    summary: 'Print a script that completes commands and options: source <(./interlock completion bash)',
    arguments: [['shell', shells.join(', ')]],
    options: z.object({}),
    example: 'completion bash > ~/.local/share/bash-completion/completions/interlock',

    async run(_options, [shell = ''], { output }) {
      const known = shells.find((one) => one === shell);
      if (known === undefined) throw new UsageError(`${shell} is not one of ${shells.join(', ')}`);
      const script = completionScript(known, commands());
      output.json({ shell, script });
      output.line(script.trimEnd());
      return exitCodes.done;
    },
  });
