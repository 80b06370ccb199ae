import { cliExits } from '@interlock/contracts';
import type { z } from 'zod';
import type { Client } from './client.js';
import type { Output } from './output.js';

export const exitCodes = {
  done: cliExits.done.exit,
  refused: cliExits.refused.exit,
  usage: cliExits.usage.exit,
  unreachable: cliExits.unreachable.exit,
} as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The command line is not valid; `message` says how to use it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export type Environment = Readonly<Record<string, string | undefined>>;

export interface CliServices {
  readonly client: Client;
  readonly output: Output;
  readonly environment: Environment;
  /** Reports the progress of a long command on standard error. */
  progress(line: string): void;
  /** UTC ms */
  now(): number;
}

export type OptionShape = Readonly<Record<string, z.ZodType>>;

/** One subcommand: help, parsing, defaults, completion and docs/cli.md come from here; keys of `options` are the long flags. */
export interface CliCommand<Options extends z.ZodObject<OptionShape> = z.ZodObject<OptionShape>> {
  /** Words as typed, `run start`. */
  readonly name: string;
  readonly summary: string;
  /** Positional arguments in order: name and meaning; the last one may be left out where it says so. */
  readonly arguments: readonly (readonly [name: string, meaning: string, presence?: 'optional'])[];
  readonly options: Options;
  /** What follows `./interlock` in the example of docs/cli.md. */
  readonly example?: string;
  run(input: z.output<Options>, positional: readonly string[], services: CliServices): Promise<ExitCode>;
}

export const defineCliCommand = <Options extends z.ZodObject<OptionShape>>(
  command: CliCommand<Options>,
): CliCommand => command as unknown as CliCommand;
