import { internal, personal, toolInput, workflowInput } from '../classification.js';

type Schema = Readonly<Record<string, unknown>>;

const redacted = {
  description: 'Left out',
  type: 'object',
  properties: { redacted: { type: 'string', description: 'How the field is classified' } },
  required: ['redacted'],
};
const refined = {
  description:
    'Fields that the schema of the tool or workflow does not show hold `{"redacted": …}`, or all of it does',
};

/** What other systems see of a message: its schema, with what is left out in place of what is classified. */
export function publicSchemaOf(schema: Schema): Schema {
  const { classification } = schema;
  if (classification === personal.classification) return redacted;
  if (classification === toolInput.classification || classification === workflowInput.classification)
    return refined;
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, inside(key, value, schema)]));
}

function inside(key: string, value: unknown, schema: Schema): unknown {
  if (key === 'properties' && isSchema(value)) return shownProperties(value);
  if (key === 'required' && Array.isArray(value))
    return value.filter((name) => !isInternal(propertyOf(schema, String(name))));
  if (Array.isArray(value)) return value.map((one) => (isSchema(one) ? publicSchemaOf(one) : one));
  return isSchema(value) ? publicSchemaOf(value) : value;
}

const shownProperties = (properties: Schema) =>
  Object.fromEntries(
    Object.entries(properties)
      .flatMap(([name, schema]) => (isSchema(schema) ? [[name, schema] as const] : []))
      .filter(([, schema]) => !isInternal(schema))
      .map(([name, schema]) => [name, publicSchemaOf(schema)]),
  );

const propertyOf = ({ properties }: Schema, name: string): unknown =>
  isSchema(properties) ? properties[name] : undefined;
const isInternal = (schema: unknown): boolean =>
  isSchema(schema) && schema.classification === internal.classification;
const isSchema = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
