import { readdirSync, readFileSync } from 'node:fs';
import { readDocument } from '@interlock/language';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readCases } from './case/case.file.js';
import { editorSchemas } from './editor.schemas.js';

/** A document, and every document that differs from it in one place. */
function* changed(document: unknown): Generator<unknown> {
  yield document;
  const places = placesIn(document);
  for (const path of places) {
    for (const value of [7, 'x', null, true, [], { zzz: 1 }]) yield replaced(document, path, value);
    yield replaced(document, path, undefined);
    yield replaced(document, [...path, 'zzz'], 1);
  }
}

type Place = readonly (string | number)[];

function placesIn(value: unknown, path: Place = []): Place[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [
    path,
    ...Object.entries(value).flatMap(([key, inner]) =>
      placesIn(inner, [...path, Array.isArray(value) ? Number(key) : key]),
    ),
  ];
}

/** A copy with another value in one place; undefined: without it. */
function replaced(document: unknown, [key, ...rest]: Place, value: unknown): unknown {
  if (key === undefined) return value;
  if (typeof document !== 'object' || document === null) return document;
  const copy: unknown[] | Record<string, unknown> = Array.isArray(document) ? [...document] : { ...document };
  const fields = copy as Record<string | number, unknown>;
  const inner = replaced(fields[key], rest, value);
  if (inner !== undefined) fields[key] = inner;
  else if (Array.isArray(copy)) copy.splice(Number(key), 1);
  else delete fields[key];
  return copy;
}

const validator = (schema: object) => new Ajv2020({ strict: false, validateFormats: false }).compile(schema);

/** Documents on which an editor and the product disagree. */
function disagreements(
  schema: object,
  documents: readonly unknown[],
  accepts: (document: unknown) => readonly string[],
) {
  const isValid = validator(schema);
  let compared = 0;
  const differing: string[] = [];
  for (const document of documents)
    for (const one of changed(document)) {
      if (one === undefined) continue;
      compared += 1;
      const problems = accepts(one);
      if (isValid(one) === (problems.length === 0)) continue;
      differing.push(
        `${problems.length === 0 ? `editor: ${JSON.stringify(isValid.errors?.slice(-1))}` : problems.join('; ')}`,
      );
    }
  return { compared, differing: [...new Set(differing)] };
}

const everyKind = `
workflow: every-kind
version: 1
purpose: Hold one step of every kind.
input: { type: object }
types: { Note: { type: object } }
output: { a: 1 }
success: "true"
budget: { steps: 5, tokens: 9, costUsd: 0.5, toolCalls: 2, duration: PT1H }
steps:
  call:
    tool: desk.look@2
    with: { id: "\${input.id}" }
    timeout: { attempt: 10s, total: PT5M }
    retry: { transient: { attempts: 3, backoff: 1s, maxBackoff: 10s }, timeout: { attempts: 2 }, rate_limited: { maxWait: 5m } }
    onFailure: { fallback: other }
    pivot: true
  other: { tool: desk.look, timeout: 5s, onFailure: { value: { a: 1 } } }
  rules: { needs: [call], when: "true", decide: { table: rules@1, with: { a: 1 } }, onFailure: escalate }
  named: { decide: rules }
  rest: { wait: { for: PT5M } }
  late: { wait: { until: "2027-01-31T12:00:00Z" } }
  heard: { wait: { signal: go, deadline: P1D } }
  ask:
    approval:
      question: Agreed?
      details: { a: 1 }
      approvers: [lead]
      required: dual
      remind: PT30M
      escalate: { to: [head], after: PT2H }
      expires: PT8H
      onExpiry: deny
  think:
    agent:
      goal: Decide.
      tools: [desk.look]
      facts: { a: 1 }
      output: { type: object }
      budget: { tokens: 5 }
      reflect: { rounds: 1 }
      minConfidence: 0.5
      baseline: { decide: rules }
      prompt: plain@1
      approvers: [lead]
      reads: asked
      autonomy: gated
`;

describe('what an editor accepts is what the product accepts, in a document and in all that differ in one place', () => {
  test('workflows', () => {
    const files = [
      'examples/refund-desk/refund-request.workflow.yaml',
      'examples/retail/retail-request.workflow.yaml',
    ];
    const documents = [everyKind, ...files.map((file) => readFileSync(file, 'utf8'))].map((text) =>
      parse(text),
    );
    const { compared, differing } = disagreements(editorSchemas.workflow(), documents, (document) => {
      const read = readDocument(document);
      return read.ok ? [] : read.problems.map(({ path, message }) => `${path}: ${message}`);
    });
    expect(differing).toEqual([]);
    expect(compared).toBeGreaterThan(1_000);
  });

  test('cases', () => {
    const text = readFileSync('examples/refund-desk/refund-request.cases.yaml', 'utf8');
    const document = parse(text) as { cases: unknown[] };
    // One case stands for the others: each change is tried on it.
    const documents = [3, 9].map((index) => ({
      ...document,
      policies: undefined,
      cases: [document.cases[index]],
    }));
    const { compared, differing } = disagreements(
      editorSchemas.cases(),
      JSON.parse(JSON.stringify(documents)),
      (one) => {
        const read = readCases(JSON.stringify(one));
        return read.ok ? [] : read.problems.map(({ path, message }) => `${path}: ${message}`);
      },
    );
    expect(differing).toEqual([]);
    expect(compared).toBeGreaterThan(500);
  });
});

test('every published schema is a schema', () => {
  for (const name of readdirSync('schemas/documents'))
    expect(() =>
      validator(JSON.parse(readFileSync(`schemas/documents/${name}`, 'utf8')) as object),
    ).not.toThrow();
});
