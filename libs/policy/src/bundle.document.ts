import { z } from 'zod';

/** What is wrong with a document and where, as `artifact.refused` says it. Lines and columns count from 1. */
export interface Problem {
  readonly path: string;
  readonly message: string;
  readonly line?: number;
  readonly column?: number;
}

/** A bundle as it is published: the document of an artifact of kind `policy`. */
export const bundleDocument = z.strictObject({
  policies: z
    .array(z.strictObject({ id: z.string().min(1).max(200), text: z.string().max(100_000) }))
    .max(10_000),
  schema: z
    .union([z.string(), z.record(z.string(), z.unknown())])
    .optional()
    .describe('Cedar schema, as text or JSON; when given, every policy must fit it'),
  hosts: z
    .array(z.string().regex(/^(\*\.)?[a-z0-9.-]+$/))
    .optional()
    .describe('Hosts that data may link to: `example.com`, or `*.example.com` for all below it'),
});
export type BundleDocument = z.output<typeof bundleDocument>;
