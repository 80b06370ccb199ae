import { policyActions } from '@interlock/policy';
import { z } from 'zod';
import { fields, name, roles } from '../case/case.fields.js';

/** Facts come with a later version: a test that named one would test nothing. */
const notKnown = z
  .unknown()
  .refine((given) => given === undefined, {
    error: 'facts are not known to this version: leave them out, and test the policies that need none',
  })
  .optional();

const uid = (type: z.ZodType<string>) => z.strictObject({ type, id: name });
const entity = (type: z.ZodType<string>) =>
  z.strictObject({
    uid: uid(type),
    attrs: fields.optional(),
    parents: z.array(uid(name)).max(100).optional(),
  });

/** Cedar JSON. What a question leaves out is as in the first plain request of a call, or of a plan. */
const question = z.strictObject({
  action: z.enum(policyActions),
  principal: entity(z.literal('Workflow')).describe('The workflow, and who started the run'),
  resource: entity(z.enum(['Tool', 'Model'])),
  context: fields.optional(),
});
export type WrittenQuestion = z.output<typeof question>;

const approval = z.union([
  z.enum(['none', 'single', 'dual']),
  z.strictObject({ required: z.enum(['single', 'dual']), approvers: roles.min(1) }),
]);

const test = z.strictObject({
  name,
  question,
  facts: notKnown,
  expect: z.strictObject({
    verdict: z.enum(['allow', 'deny']),
    approval: approval.optional().describe('What people have to grant'),
    policies: z.array(name).max(1_000).optional().describe('All that determine the verdict, in any order'),
  }),
});
export type BundleTest = z.output<typeof test>;

const path = z.string().min(1).max(1_000);

/** A bundle with its tests: as it is published, or with its policies in files. */
export const bundleTests = z.strictObject({
  $schema: z.string().optional().describe('For editors'),
  modules: z
    .array(path)
    .max(100)
    .optional()
    .describe('Files that bring the tools: policies are held against the types of their data'),
  policies: z
    .union([
      z.literal('modules'),
      z
        .array(z.union([path, z.strictObject({ id: name, text: z.string().max(100_000) })]))
        .min(1)
        .max(10_000),
    ])
    .describe(
      'Those of the modules; or Cedar files, whose names are the ids; or policies as they are published',
    ),
  schema: z.union([z.string(), fields]).optional().describe('Cedar schema'),
  hosts: z.array(name).optional(),
  facts: notKnown,
  tests: z.array(test).min(1).max(10_000),
});
export type BundleTests = z.output<typeof bundleTests>;
