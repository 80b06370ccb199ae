import { TRIGGER_WINDOW, type TriggerDocument, topics, triggerDocument } from '@interlock/contracts';
import { walkSyntax } from '../cel.ast.js';
import { ExpressionChecker } from '../expression.check.js';
import { ExpressionError } from '../expression.error.js';
import { compileExpression, type Expression } from '../expression.js';
import { formatPath, type Path, type Problem } from '../problem.js';
import { holdsExpression, parseTemplate } from '../template.js';

const names = new ExpressionChecker({
  input: undefined,
  steps: new Map(),
  locals: new Map([['event', undefined]]),
});
const nowhere = { visible: new Set<string>() };
/** Known to workflows alone. */
const ofWorkflows = new Set(['input', 'steps', 'run', 'output']);

/** What is wrong with a trigger, but for what it names. */
export function checkTrigger(document: unknown): readonly Problem[] {
  const parsed = triggerDocument.safeParse(document);
  if (!parsed.success)
    return parsed.error.issues.map(({ path, message }) => ({ path: formatPath(path as Path), message }));
  const { filter, key, does } = parsed.data;
  const source = sourceProblems(parsed.data);
  return [
    ...source,
    ...(filter === undefined ? [] : expressionProblems(filter, ['filter'], 'bool')),
    ...(key === undefined ? [] : expressionProblems(key, ['key'])),
    ...templatesOf(does).flatMap(([path, value]) => templateProblems(value, path)),
  ];
}

const own: ReadonlySet<string> = new Set(topics.map(({ name }) => name));

/** An event is signed, or stands in a topic of others. */
function sourceProblems({ topic, secret, window }: TriggerDocument): Problem[] {
  if (topic === undefined)
    return secret === undefined
      ? [
          {
            path: 'secret',
            message: 'is required: the variable with the key that signs events; or say topic',
          },
        ]
      : [];
  const ofRequests = 'is of signed requests: leave it out, or leave topic out';
  return [
    ...(secret === undefined ? [] : [{ path: 'secret', message: ofRequests }]),
    ...(window === TRIGGER_WINDOW ? [] : [{ path: 'window', message: ofRequests }]),
    ...(own.has(topic.name) || topic.name.startsWith('__')
      ? [{ path: 'topic.name', message: `${topic.name} is a topic of Interlock or Kafka itself` }]
      : []),
  ];
}

function templatesOf(does: TriggerDocument['does']): readonly (readonly [Path, unknown])[] {
  if ('start' in does) return [[['does', 'start', 'input'], does.start.input]];
  const [[kind, fields]] = Object.entries(does) as [[string, Readonly<Record<string, unknown>>]];
  return Object.entries(fields).map(([field, value]) => [['does', kind, field], value] as const);
}

function templateProblems(value: unknown, path: Path): Problem[] {
  if (typeof value === 'string') {
    if (!holdsExpression(value)) return [];
    return attempt(path, () =>
      parseTemplate(value).flatMap((part) =>
        typeof part === 'string' ? [] : expressionProblems(part.text, path),
      ),
    );
  }
  if (typeof value !== 'object' || value === null) return [];
  return Array.isArray(value)
    ? value.flatMap((item, at) => templateProblems(item, [...path, at]))
    : Object.entries(value).flatMap(([name, item]) => templateProblems(item, [...path, name]));
}

function expressionProblems(text: string, path: Path, type?: string): Problem[] {
  return attempt(path, () => {
    const { errors, type: found } = names.check(text, nowhere);
    const foreign = foreignName(compileExpression(text));
    const problems = [
      ...errors,
      ...(foreign === undefined ? [] : [`"${foreign}" is not known here: a trigger sees only "event"`]),
      ...(type === undefined || found === type || found === 'dyn' ? [] : [`must give ${type}, not ${found}`]),
    ];
    return problems.map((message) => ({ path: formatPath(path), message }));
  });
}

function foreignName({ syntax }: Expression): string | undefined {
  let found: string | undefined;
  walkSyntax(syntax, ({ op, args }) => {
    if (op === 'id' && typeof args === 'string' && ofWorkflows.has(args)) found ??= args;
  });
  return found;
}

function attempt(path: Path, check: () => Problem[]): Problem[] {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    return [{ path: formatPath(path), message: error.message }];
  }
}
