import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type TestedFile, testFile } from '../src/index.js';

const module = fileURLToPath(new URL('./desk.module.mjs', import.meta.url));

/** `look`, then `pay`, then `tell`; with more steps where a test needs them. */
export const workflow = (more = '') => `
workflow: desk
version: 1
purpose: Pay what was ordered.
input: { type: object, required: [id], additionalProperties: false, properties: { id: { type: string } } }
output: { ref: "\${steps.pay.output.ref}" }
steps:
  look: { tool: desk.look, with: { id: "\${input.id}" } }
  pay: { needs: [look], tool: desk.pay, with: { id: "\${input.id}", amount: "\${steps.look.output.amount}" } }
  tell: { needs: [pay], tool: desk.tell, with: { id: "\${input.id}" }, onFailure: fail }
${more}`;

/** Answers with which everything goes well. */
export const wellAnswered = `
tools:
  - { tool: desk.look, output: { amount: 7 } }
  - { tool: desk.pay, output: { ref: p-1 }, compensate: { ref: p-1 } }
  - { tool: desk.tell, output: {} }`;

/** A folder with a workflow and cases of it. */
export class CaseFolder {
  #modules: readonly string[] = [module];
  readonly path = mkdtempSync(join(tmpdir(), 'interlock-cases-'));

  remove(): void {
    rmSync(this.path, { recursive: true });
  }

  /** @param cases the file from `tools` or `cases` on */
  test(cases: string, document = workflow(), only?: string): Promise<TestedFile> {
    const file = join(this.path, 'desk.cases.yaml');
    writeFileSync(join(this.path, 'desk.workflow.yaml'), document);
    writeFileSync(
      file,
      `workflow: ./desk.workflow.yaml\nmodules: ${JSON.stringify(this.#modules)}\n${cases.trim()}\n`,
    );
    return testFile(file, only);
  }

  /** The problems of the first case, a line each as an editor shows them. */
  async problems(cases: string, document?: string): Promise<string[]> {
    const tested = await this.test(cases, document);
    const problems = tested.played ? (tested.cases[0]?.problems ?? []) : tested.problems;
    return problems.map(({ line, path, message }) => `${line}: ${path}: ${message}`);
  }

  /** The same, beside other workflows that a module brings. */
  problemsWith(cases: string, document: string, others: readonly string[]): Promise<string[]> {
    const file = join(this.path, 'others.mjs');
    writeFileSync(file, `export default () => ({ workflows: ${JSON.stringify(others)} });`);
    this.#modules = [module, file];
    return this.problems(cases, document);
  }
}
