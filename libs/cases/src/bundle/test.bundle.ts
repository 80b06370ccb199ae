import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { namesMeantBy, type ToolManifest } from '@interlock/contracts';
import { type Locate, type Path, parseSource, problemList, reportIssues } from '@interlock/language';
import { type Answer, type Bundle, checkBundle, loadBundle } from '@interlock/policy';
import { missAt } from '../expect/misses.js';
import type { CaseProblem } from '../play/case.problem.js';
import { modulesAt, ProjectError, textAt } from '../project/project.files.js';
import { type CaseFinding, findingOf, type Unplayable, unplayable } from '../test.file.js';
import { askedQuestion } from './asked.question.js';
import { type BundleTest, type BundleTests, bundleTests } from './bundle.tests.schema.js';

export interface BundleTestResult {
  readonly name: string;
  readonly line?: number;
  readonly ok: boolean;
  readonly problems: readonly CaseFinding[];
  /** What policy answered; absent: it could not be asked. */
  readonly answer?: Answer;
}

/** Tests that were asked; or, `of` a file, why none could be. */
export type TestedBundle =
  | {
      readonly played: true;
      readonly ok: boolean;
      readonly bundle: string;
      readonly tests: readonly BundleTestResult[];
    }
  | Unplayable;

/** What is asked, and what questions may be about. */
interface About {
  readonly bundle: Bundle;
  readonly tools: readonly ToolManifest[];
  readonly workflows: readonly string[];
}

const PROBLEMS_MAX = 100;

/**
 * Asks a bundle the questions of its tests.
 * @throws the file cannot be read
 */
export async function testBundle(path: string): Promise<TestedBundle> {
  const parsed = parseSource(await readFile(path, 'utf8'));
  if (!parsed.ok) return { played: false, ok: false, of: path, problems: parsed.problems };
  const { value, locate } = parsed;
  const { report, problems } = problemList(locate, PROBLEMS_MAX);
  const checked = bundleTests.safeParse(value);
  if (!checked.success) {
    reportIssues(checked.error.issues, value, report);
    return { played: false, ok: false, of: path, problems };
  }
  try {
    const about = await bundleOf(checked.data, dirname(resolve(path)));
    const { bundle } = about;
    const tests = checked.data.tests.map((one, index) => resultOf(one, index, about, locate));
    return { played: true, ok: tests.every(({ ok }) => ok), bundle: bundle.hash, tests };
  } catch (error) {
    if (!(error instanceof ProjectError)) throw error;
    return unplayable(path, error, locate);
  }
}

/** @throws {ProjectError} */
async function bundleOf({ modules = [], policies: named, schema, hosts }: BundleTests, folder: string) {
  const brought = await modulesAt(modules, folder);
  const policies =
    named === 'modules'
      ? brought.policies
      : await Promise.all(
          named.map(async (one, index) =>
            typeof one === 'string'
              ? {
                  id: basename(one).replace(/\.cedar$/, ''),
                  text: await textAt(['policies', index], folder, one),
                }
              : one,
          ),
        );
  const document = { policies, ...(schema !== undefined && { schema }), ...(hosts && { hosts }) };
  const tools = brought.tools.map(({ manifest }) => manifest);
  const problems = checkBundle(document, tools);
  if (problems.length > 0) throw new ProjectError(['policies'], undefined, problems);
  const loaded = loadBundle(document);
  if (!loaded.ok) throw new ProjectError(['policies'], undefined, loaded.problems);
  return { bundle: loaded.bundle, tools, workflows: brought.workflows.map(({ name }) => name) };
}

function resultOf(test: BundleTest, index: number, about: About, locate: Locate): BundleTestResult {
  const at: Path = ['tests', index];
  const { line } = locate([...at, 'name']) ?? {};
  const said = { name: test.name, ...(line !== undefined && { line }) };
  const question = questionOf(test.question, about);
  if ('unknown' in question) {
    const problem = { path: [...at, 'question'], message: question.unknown };
    return { ...said, ok: false, problems: [findingOf(problem, locate)] };
  }
  const answer = about.bundle.ask(question);
  const problems = missesIn(test.expect, answer, [...at, 'expect']);
  return {
    ...said,
    ok: problems.length === 0,
    problems: problems.map((one) => findingOf(one, locate)),
    answer,
  };
}

/** The question with the whole names of what it is about: those of a module may be left out while they are clear. */
function questionOf(written: BundleTest['question'], { tools, workflows }: About) {
  const { principal, resource } = written;
  const toolNames = tools.map(({ name }) => name);
  const meant = namesMeantBy(resource.uid.id, toolNames);
  if (meant.length > 1)
    return { unknown: `${resource.uid.id} may be ${meant.join(' or ')}: write the whole name` };
  const id = namesMeantBy(principal.uid.id, workflows)[0] ?? principal.uid.id;
  const asked = { ...written, principal: { ...principal, uid: { ...principal.uid, id } } };
  const versions = tools.filter(({ name }) => name === meant[0]);
  return askedQuestion(asked, versions.sort((one, other) => other.version - one.version)[0]);
}

function missesIn(
  { verdict, approval, policies }: BundleTest['expect'],
  answer: Answer,
  at: Path,
): CaseProblem[] {
  const misses = [];
  if (verdict !== answer.verdict)
    misses.push(missAt([...at, 'verdict'], verdict, answer.verdict, `: ${answer.reason}`));
  const asked = answer.approval?.kind ?? 'none';
  const wanted = typeof approval === 'object' ? approval.required : approval;
  if (wanted !== undefined && wanted !== asked) misses.push(missAt([...at, 'approval'], wanted, asked));
  if (typeof approval === 'object' && wanted === asked) {
    const approvers = [...(answer.approval?.approvers ?? [])].sort();
    misses.push(...listMiss([...approval.approvers].sort(), approvers, [...at, 'approval', 'approvers']));
  }
  if (policies !== undefined) {
    const got = answer.policies.map((id) => policies.find((one) => id.endsWith(`/${one}`)) ?? id);
    misses.push(...listMiss([...policies].sort(), got.sort(), [...at, 'policies']));
  }
  return misses;
}

const listMiss = (expected: readonly string[], got: readonly string[], at: Path): CaseProblem[] =>
  expected.join('\n') === got.join('\n') ? [] : [missAt(at, expected, got)];
