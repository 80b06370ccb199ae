import { Command, CommanderError, Option } from 'commander';
import { z } from 'zod';
import { Client, RefusedError, UnreachableError } from './client.js';
import { type CliCommand, type ExitCode, exitCodes, UsageError } from './command.js';
import { doctor } from './commands/doctor.js';
import { runEvents } from './commands/run.events.js';
import { runList } from './commands/run.list.js';
import { runShow } from './commands/run.show.js';
import { runStart } from './commands/run.start.js';
import { Output } from './output.js';

const commands: readonly CliCommand[] = [runStart, runList, runShow, runEvents, doctor];

export interface Terminal {
  readonly environment: Readonly<Record<string, string | undefined>>;
  out(text: string): void;
  error(text: string): void;
}

/** Runs one command line (without program and script) and answers with its exit code. */
export async function runCli(argv: readonly string[], terminal: Terminal): Promise<ExitCode> {
  let code: ExitCode = exitCodes.done;
  const program = programOf(terminal, (ended) => {
    code = ended;
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return code;
  } catch (error) {
    return explain(error, terminal);
  }
}

function programOf(terminal: Terminal, ended: (code: ExitCode) => void): Command {
  const root = quiet(new Command('interlock'), terminal)
    .description('Talks to an Interlock server.')
    .addHelpText('after', '\nEvery command takes --json (for programs) and --url (another server).');
  const groups = new Map<string, Command>();
  for (const command of commands) {
    const [group, verb] = command.name.split(' ') as [string, string | undefined];
    if (verb === undefined) add(root, group, command, terminal, ended);
    else {
      const parent =
        groups.get(group) ?? quiet(root.command(group), terminal).description(`Commands about ${group}s`);
      groups.set(group, parent);
      add(parent, verb, command, terminal, ended);
    }
  }
  return root;
}

const quiet = (command: Command, { out, error }: Terminal): Command =>
  command.exitOverride().configureOutput({ writeOut: out, writeErr: error }).showHelpAfterError(true);

function add(
  parent: Command,
  verb: string,
  command: CliCommand,
  terminal: Terminal,
  ended: (code: ExitCode) => void,
) {
  const added = quiet(parent.command(verb), terminal).description(command.summary);
  for (const [name, meaning] of command.arguments) added.argument(`<${name}>`, meaning);
  for (const [name, schema] of Object.entries(command.options.shape))
    added.addOption(optionOf(name, schema as z.ZodType));
  added
    .option('--json', 'print the answer as JSON')
    .option('--url <url>', 'server to talk to', urlOf(terminal));
  added.action(async (...given: unknown[]) => {
    const options = given.at(-2) as { json?: boolean; url: string };
    const services = {
      client: new Client(checkedUrl(options.url)),
      output: new Output(options.json === true, terminal.out),
    };
    const positional = given.slice(0, -2).map(String);
    ended(await command.run(command.options.parse(options), positional, services));
  });
}

function optionOf(name: string, schema: z.ZodType): Option {
  const isRequired = !schema.safeParse(undefined).success;
  const isFlag = schema instanceof z.ZodDefault && schema.unwrap() instanceof z.ZodBoolean;
  const flag = `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
  const option = new Option(isFlag ? flag : `${flag} <${name}>`, schema.description);
  return option.makeOptionMandatory(isRequired);
}

function urlOf({ environment }: Terminal): string {
  const { INTERLOCK_HOST: host = '127.0.0.1', INTERLOCK_PORT: port = '7400' } = environment;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function checkedUrl(url: string): string {
  if (URL.canParse(url) && /^https?:/.test(url)) return url;
  throw new UsageError(`--url ${url} is not an address like http://127.0.0.1:7400`);
}

function explain(error: unknown, { error: print }: Terminal): ExitCode {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  if (error instanceof UsageError) {
    print(`${error.message}\n`);
    return exitCodes.usage;
  }
  if (error instanceof z.ZodError) {
    for (const { path, message } of error.issues) print(`--${path.join('.')}: ${message}\n`);
    return exitCodes.usage;
  }
  if (error instanceof UnreachableError) {
    print(`${error.message}\nIs it started? npm start here, or name the server: --url http://HOST:PORT\n`);
    return exitCodes.unreachable;
  }
  if (!(error instanceof RefusedError)) throw error;
  const { title, status, detail, errors = [] } = error.problem;
  print(`${title} (${status}): ${detail}\n`);
  for (const { path, message, line } of errors) {
    print(`  ${line === undefined ? '' : `line ${line}: `}${path === '' ? '' : `${path}: `}${message}\n`);
  }
  return exitCodes.refused;
}
