import { createRequire } from 'node:module';
import { fieldOf, plain } from '@interlock/contracts';
import { Command, Option } from 'commander';
import { z } from 'zod';
import { Client } from './client.js';
import { type CliCommand, type ExitCode, UsageError } from './command.js';
import { credentialsFor } from './identity.js';
import { Output } from './output.js';
import type { Terminal } from './program.js';

const version = String(fieldOf(createRequire(import.meta.url)('../package.json'), 'version'));

/** The parser of the whole command line; `ended` is told the exit code of the command that ran. @param isJson what is wrong with it is only thrown */
export function commandLine(
  commands: readonly CliCommand[],
  terminal: Terminal,
  ended: (code: ExitCode) => void,
  isJson = false,
): Command {
  const heard: Heard = isJson ? { out: terminal.out, error: () => undefined } : terminal;
  const root = quiet(new Command('interlock'), heard)
    .description('Talks to an Interlock server.')
    .version(`interlock ${version}`, '--version', 'print the version')
    .addHelpText(
      'after',
      '\nEvery command takes --json (for programs), --wide (nothing cut), --url (another server) and --token (who you are).',
    );
  const groups = new Map<string, Command>();
  for (const command of commands) {
    const [group = '', verb] = command.name.split(' ');
    if (verb === undefined) add(quiet(root.command(group), heard), command, terminal, ended);
    else {
      const parent =
        groups.get(group) ??
        quiet(root.command(group), heard).description(`Commands about ${pluralOf(group)}`);
      groups.set(group, parent);
      add(quiet(parent.command(verb), heard), command, terminal, ended);
    }
  }
  return root;
}

/** Groups that are named by no noun of their own. */
const named: Readonly<Record<string, string>> = {
  bulk: 'bulk orders',
  quarantine: 'messages in quarantine',
};

const pluralOf = (group: string): string =>
  named[group] ?? (group.endsWith('y') ? `${group.slice(0, -1)}ies` : group.replace(/s?$/, 's'));

/** Where the parser says what is wrong with a line; for programs, that is said with everything else. */
type Heard = Pick<Terminal, 'out' | 'error'>;

const quiet = (command: Command, { out, error }: Heard): Command =>
  command
    .exitOverride()
    .configureOutput({ writeOut: out, writeErr: error })
    .showSuggestionAfterError(true)
    .showHelpAfterError('(--help behind any command says how it is used)');

function add(added: Command, command: CliCommand, terminal: Terminal, ended: (code: ExitCode) => void) {
  added.description(command.summary);
  for (const [name, meaning, presence] of command.arguments)
    added.argument(presence === 'optional' ? `[${name}]` : `<${name}>`, meaning);
  for (const [name, schema] of Object.entries(command.options.shape)) added.addOption(optionOf(name, schema));
  added
    .option('--json', 'print the answer as JSON')
    .option('--wide', 'show everything, whatever the width of the terminal')
    .option('--url <url>', `server to talk to (default: ${urlOf(terminal)})`)
    .option(
      '--token <token>',
      'who you are; default: INTERLOCK_TOKEN, else you by the development key, on this machine',
    );
  if (command.example !== undefined) added.addHelpText('after', `\nExample: ./interlock ${command.example}`);
  added.action(async (...given: unknown[]) => {
    const options = globalOptions.parse(given.at(-2));
    const positional = given.slice(0, -2).flatMap((one) => (one === undefined ? [] : [String(one)]));
    ended(await command.run(command.options.parse(options), positional, services(options, terminal)));
  });
}

const globalOptions = z.looseObject({
  json: z.boolean().optional(),
  wide: z.boolean().optional(),
  url: z.string().optional(),
  token: z.string().optional(),
});
type GlobalOptions = z.output<typeof globalOptions>;

function services({ json, wide, url, token }: GlobalOptions, terminal: Terminal) {
  const { environment, now = Date.now, out, error, look } = terminal;
  const server = checkedUrl(url ?? urlOf(terminal));
  return {
    client: new Client(
      server,
      credentialsFor(server, token ?? environment.INTERLOCK_TOKEN, environment, now),
    ),
    output: new Output(json === true, out, wide === true && look ? { colour: look.colour } : look, url),
    environment,
    progress: (line: string) => error(`${plain(line)}\n`),
    now,
  };
}

/** `dryRun` is typed `--dry-run`. */
export const flagOf = (name: string): string =>
  `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;

/** How an option is written: `--wait`, or `--role <role>`, once or several times. */
export function shapeOf(schema: z.ZodType): 'flag' | 'value' | 'list' {
  const inner = schema instanceof z.ZodDefault || schema instanceof z.ZodOptional ? schema.unwrap() : schema;
  if (inner instanceof z.ZodBoolean) return 'flag';
  return inner instanceof z.ZodArray ? 'list' : 'value';
}

export const isRequired = (schema: z.ZodType): boolean => !schema.safeParse(undefined).success;

function optionOf(name: string, schema: z.ZodType): Option {
  const shape = shapeOf(schema);
  const flag = shape === 'flag' ? flagOf(name) : `${flagOf(name)} <${name}>`;
  const option = new Option(flag, schema.description).makeOptionMandatory(isRequired(schema));
  return shape === 'list'
    ? option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value])
    : option;
}

/** A server that listens on every address is asked at the loopback address. */
const everywhere: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };

function urlOf({ environment }: Terminal): string {
  const { INTERLOCK_HOST: given = '127.0.0.1', INTERLOCK_PORT: port = '7400' } = environment;
  const host = everywhere[given] ?? given;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function checkedUrl(url: string): string {
  if (URL.canParse(url) && /^https?:/.test(url)) return url;
  throw new UsageError(`--url ${url} is not an address like http://127.0.0.1:7400`);
}
