import { durationText } from '@interlock/contracts';
import { z } from 'zod';

/** JSON Schema, draft 2020-12. */
export type EditorSchema = Readonly<Record<string, unknown>>;

export interface EditorSchemaOptions {
  readonly title: string;
  readonly description: string;
}

/** The same texts as `parseDuration`, up to their upper bound. */
const amount = '\\d{1,12}(\\.\\d{1,3})?';
const duration = `^(?=.*[1-9])(${amount}(ms|s|m|h|d)|P(${amount}W)?(${amount}D)?(T(?=\\d)(${amount}H)?(${amount}M)?(${amount}S)?)?)$`;

/** The schema of a document for editors: it takes what the document's own schema takes, apart from sums over the whole of it. */
export function editorSchema(schema: z.ZodType, { title, description }: EditorSchemaOptions): EditorSchema {
  const written = z.toJSONSchema(schema, {
    io: 'input',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      if (zodSchema === durationText) jsonSchema.pattern = duration;
    },
  });
  const { $schema, ...rest } = written;
  return { $schema, title, description, ...fieldsOf(rest) };
}

/** Without alternatives and properties that nothing fits. */
function withoutNever(value: unknown): unknown {
  if (Array.isArray(value)) return value.filter((item) => !isNever(item)).map(withoutNever);
  return typeof value === 'object' && value !== null ? fieldsOf(value) : value;
}

const fieldsOf = (value: object): EditorSchema =>
  Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => !isNever(inner))
      .map(([key, inner]) => [key, withoutNever(inner)]),
  );

const isNever = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && 'not' in value && JSON.stringify(value) === '{"not":{}}';
