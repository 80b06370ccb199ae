import type { NewNotificationHook, NewTrigger } from '@interlock/contracts';
import type { NewSchedule } from '@interlock/contracts/http';
import type { z as zod } from 'zod';
import type { defineTool } from './define-tool.js';
import type { HttpStatusError } from './http-status.error.js';
import type { Tool } from './tool.js';

/** What a module is given, so that it needs no dependency of its own. */
export interface ModuleKit {
  readonly defineTool: typeof defineTool;
  readonly z: typeof zod;
  readonly HttpStatusError: typeof HttpStatusError;
}

/** A Cedar policy. */
export interface ModulePolicy {
  readonly id: string;
  readonly text: string;
}

/** A rule table for `decide` steps and baselines. */
export interface ModuleTable {
  readonly id: string;
  readonly version?: number;
  readonly rules: readonly unknown[];
  readonly otherwise?: unknown;
}

export interface ModulePrompt {
  readonly id: string;
  readonly version?: number;
  readonly text: string;
}

export interface ModuleSchema {
  readonly id: string;
  readonly version?: number;
  readonly schema: unknown;
}

/** What a module brings. A workflow is a document as an object, or as YAML text. */
export interface ModuleContents {
  /**
   * The module's own name. It stands in front of the names of what the module brings, `rooms/book-room`, so that another module may bring
   * the same names. Inside of the module names are written without it.
   */
  readonly name?: string;
  readonly tools?: readonly Tool[];
  readonly workflows?: readonly (string | Readonly<Record<string, unknown>>)[];
  readonly policies?: readonly ModulePolicy[];
  readonly tables?: readonly ModuleTable[];
  readonly prompts?: readonly ModulePrompt[];
  readonly schemas?: readonly ModuleSchema[];
  /** As `POST /v1/schedules` takes them. */
  readonly schedules?: readonly NewSchedule[];
  /** Who is told by a webhook when a run waits for people, or ends. */
  readonly notifications?: readonly NewNotificationHook[];
  /** What signed requests of other systems start, or tell. */
  readonly triggers?: readonly (NewTrigger & { readonly id: string; readonly version?: number })[];
}

/** The default export of a module file. */
export type ModuleFactory = (kit: ModuleKit) => ModuleContents | Promise<ModuleContents>;
