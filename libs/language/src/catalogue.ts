import type { CompiledWorkflow } from './compiled.js';
import type { DecisionTable } from './table.schema.js';

/** What the language reads of a tool's manifest; `{ ...manifest, hash }` of a published tool fits. */
export interface CatalogueTool {
  readonly name: string;
  readonly version: number;
  readonly hash: string;
  readonly effect: 'read' | 'write';
  /** JSON Schema. */
  readonly input: Readonly<Record<string, unknown>>;
  /** JSON Schema. */
  readonly output: Readonly<Record<string, unknown>>;
  readonly timeoutMs: number;
  readonly recovery?:
    | { readonly by: 'idempotency-key' }
    | { readonly by: 'verify'; readonly tool: string; readonly settleAfterMs: number }
    | { readonly by: 'ask-human'; readonly settleAfterMs: number }
    | undefined;
  /** The tool that undoes what this one did. */
  readonly compensate?: { readonly tool: string } | undefined;
}

/** A published workflow, as a step that starts it sees it. */
export interface CatalogueWorkflow {
  readonly name: string;
  readonly version: number;
  readonly hash: string;
  readonly compiled: CompiledWorkflow;
}

export interface PromptPin {
  readonly name: string;
  readonly version: number;
  readonly hash: string;
}

/** Everything published that a document may name. */
export interface LanguageCatalogue {
  /** By `name` (the newest version) or `name@version`. */
  tool(reference: string): CatalogueTool | undefined;
  /** Without a version: the newest. */
  table(name: string, version?: number): DecisionTable | undefined;
  /** Another workflow, by `name` (the newest version) or `name@version`. */
  workflow?(reference: string): CatalogueWorkflow | undefined;
  /** What a model is told first. Without a version: the newest. */
  prompt?(name: string, version?: number): PromptPin | undefined;
  /** What a published trigger does with its events; undefined: there is none. Absent: nothing is known of triggers here. */
  trigger?(name: string): 'start' | 'signal' | 'answer' | 'off' | undefined;
  /** A published JSON Schema, for `input: { $schema: ./name.json }`. */
  schema?(reference: string): Readonly<Record<string, unknown>> | undefined;
  /** Why something that was written cannot be named: its own first problem. Undefined: it is nowhere. */
  whyNot?(kind: 'tool' | 'table' | 'workflow', reference: string): string | undefined;
}
