import { runCli } from '@interlock/app-cli';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newPlace } from './place.ts';
import { SERVING, Starting } from './start.process.ts';

const COLUMNS = 80;
let place: Awaited<ReturnType<typeof newPlace>>;
let server: Starting;
let runs: readonly { readonly runId: string; readonly status: string }[];

beforeAll(async () => {
  place = await newPlace('tables');
  server = new Starting(place.directory);
  await server.printed(SERVING);
  runs = await server.client.runs();
  expect((await onTerminal('stop --tool orders.get --reason looking')).code).toBe(0);
}, 120_000);
afterAll(async () => {
  await server.stop();
  await place.remove();
});

/** What a command prints on a terminal of 80 columns, or where nobody looks. */
async function printed(line: string, columns: number | undefined) {
  let out = '';
  const code = await runCli([...line.split(' '), '--url', server.client.url], {
    environment: { INTERLOCK_DATA_DIR: place.directory, USER: 'olga' },
    out: (text) => {
      out += text;
    },
    error: (text) => {
      out += text;
    },
    look: { columns, colour: false },
  });
  return { code, lines: out.split('\n') };
}
const onTerminal = (line: string) => printed(line, COLUMNS);

const runThat = (status: string): string => runs.find((run) => run.status === status)?.runId ?? 'none';
/** A command is for copying, so it stays whole. */
const isCommand = (line: string): boolean => line.includes('./interlock ');

test.each([
  ['run list', () => 'run list', () => runs[0]?.runId],
  ['run show of one that waits', () => `run show ${runThat('waiting')}`, () => runThat('waiting')],
  [
    'run show of one that was undone',
    () => `run show ${runThat('rolled_back')}`,
    () => runThat('rolled_back'),
  ],
  ['run events', () => `run events ${runThat('completed')}`, () => 'run.completed'],
  ['approvals list', () => 'approvals list', () => `${runThat('waiting')}.`],
  ['stops', () => 'stops', () => 'tool orders.get'],
  ['tool list', () => 'tool list', () => 'refunds.create@'],
  ['policy list', () => 'policy list', () => 'refund-desk@1'],
  ['keys list', () => 'keys list', () => 'now'],
])(
  '%s fits a terminal of 80 columns, and cuts nothing where it is told so',
  async (_name, lineOf, contentOf) => {
    const command = lineOf();
    const { code, lines } = await onTerminal(command);
    expect(code).toBe(0);
    expect(lines.filter((line) => [...line].length > COLUMNS && !isCommand(line))).toEqual([]);
    expect(lines.join('\n')).toContain(contentOf());
    const wide = (await printed(`${command} --wide`, COLUMNS)).lines.join('\n');
    expect(wide).not.toContain('…');
    expect(wide).not.toContain('Left out');
    if (process.env.SHOW_TABLES === '1') console.log(`$ ./interlock ${command}\n${lines.join('\n')}`);
  },
);
