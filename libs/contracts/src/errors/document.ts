/** `docs/errors.md`, from the catalogue. */
import { codesOf, type ErrorEntry } from './error.entry.js';
import { cliExits, errorCatalogue, httpErrors, processExits } from './index.js';

const introductions: Readonly<Record<keyof typeof errorCatalogue, readonly [title: string, text: string]>> = {
  http: [
    'Answers of the HTTP interface',
    'Problem details (RFC 9457): `code`, `detail`, and `errors` with the `path` of each field. `type` is `urn:interlock:problem:<code>` where nothing more exact is known.',
  ],
  run: ['Runs and steps', 'In `failure.code` of a run or step, and in `command.refused`.'],
  tool: [
    'Calls of tools',
    'In `failure.code` of `tool.failed`. A failure that a tool declares has the tool’s own code and the class `domain`; one of the operating system has its code in lower case (`econnrefused`).',
  ],
  model: ['Models', 'In `failure.code` of `plan.failed`. The baseline acts instead.'],
  call: [
    'Calls that are refused',
    'Nothing was called: `tool.refused`. A step that fails of it has the code `refused.<code>`.',
  ],
  vote: ['Votes that change nothing', 'In `approval.vote_refused` and in `refusedVotes` of an approval.'],
  activation: ['Activations of policy bundles that are refused', 'In `policy.activation_refused`.'],
  stop: ['Kill switches that are refused', 'In `control.refused`.'],
  schedule: ['Commands about schedules that are refused', 'In `schedule.refused`.'],
  bulk: ['Bulk orders that are refused', 'In `bulk.refused`.'],
  filter: ['Finding runs', 'A filter that is refused: 400, the code is in `code`.'],
  authority: [
    'What proves a command does not hold',
    'The service that verifies the command quarantines it; over HTTP the answer is 401 or 403.',
  ],
  value: [
    'Values that are kept outside of the log',
    'In `failure.code` of a step or a run, and in the answer to whoever asks for the value.',
  ],
  evidence: ['Exports that do not verify', '`./interlock verify` exits with 1 and names the first.'],
  fault: ['Faults of processes', 'In logs, in what ends a start, and in the quarantine.'],
};

const HEAD = `# Errors

Every error code: what it means and what to do. Codes stay as they are across releases, so alerts and programs may key on them.
This file is written from \`libs/contracts/src/errors\`: \`npm run schemas\`.
`;

export const errorsText = (): string =>
  [
    HEAD,
    section(
      'Exit codes of ./interlock',
      'With `--json` a refusal is one line of JSON on standard error: `{code, message, errors}`.',
      'exit',
      exitRows(cliExits),
    ),
    section('Exit codes of processes', 'Of `npm start` and of each service.', 'exit', exitRows(processExits)),
    ...codesOf(introductions).map((part) => {
      const [title, text] = introductions[part];
      const entries = Object.entries<ErrorEntry>(errorCatalogue[part]);
      return section(
        title,
        text,
        'code',
        entries.map(([code, entry]) => rowOf(named(part, code), entry)),
      );
    }),
  ].join('\n');

const named = (part: string, code: string): string =>
  part === 'http' ? `${code}\` · \`${httpErrors[code as keyof typeof httpErrors].status}` : code;

const exitRows = (exits: Readonly<Record<string, ErrorEntry & { readonly exit: number }>>): string[] =>
  Object.values(exits).map(({ exit, ...entry }) => rowOf(String(exit), entry));

const rowOf = (code: string, { meaning, action }: ErrorEntry): string =>
  `| \`${code}\` | ${meaning} | ${action} |`;

const section = (title: string, text: string, key: string, rows: readonly string[]): string =>
  `## ${title}\n\n${text}\n\n| ${key} | meaning | what to do |\n| --- | --- | --- |\n${rows.join('\n')}\n`;
