import type { JsonSchema } from '@interlock/schema';
import { optionalMs, withoutAbsent } from './compile.fields.js';
import { wholeSchema } from './compile.types.js';
import type { CompiledFormStep } from './compiled.step.js';
import type { Path, Report } from './problem.js';
import { reportSchema } from './schema.report.js';
import type { Types } from './step/form.js';
import type { FormStep } from './step.schema.js';

/** When a form expires that says nothing about it. */
const EXPIRES_MS = 86_400_000;

/** With the types that it refers to: whoever is asked gets all of it. */
const SCHEMA_CHARS_MAX = 20_000;

/** What the step gives, and the answer has to fit: whole. */
export const formOutput = ({ form }: FormStep, types: Types): JsonSchema => wholeSchema(form.schema, types);

/** Reports a schema that cannot be checked, or that is too long to be shown. */
export function compileForm(
  stepAt: Path,
  step: FormStep,
  types: Types,
  report: Report,
): CompiledFormStep['form'] {
  const { question, details, roles, expires } = step.form;
  const schema = formOutput(step, types);
  const at = [...stepAt, 'form', 'schema'];
  reportSchema(at, schema, report);
  const chars = JSON.stringify(schema).length;
  if (chars > SCHEMA_CHARS_MAX)
    report(
      at,
      `has ${chars} characters with the types of the document; people are shown at most ${SCHEMA_CHARS_MAX}`,
    );
  const expiresAfterMs = optionalMs(expires) ?? EXPIRES_MS;
  return withoutAbsent({ question, details, schema, roles, expiresAfterMs });
}
