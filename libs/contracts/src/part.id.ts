import { z } from 'zod';

/**
 * Ids of parts of a run's log, in data.
 *
 * I1. In memory an id is whole, `runId/seq`, so ids of different runs never meet as equals.
 * I2. A stored record names its run once: in its data an id of that run is the seq alone, a number.
 * I3. An id of another run, or of no run, is stored as it is.
 */
export type Separator = '/' | '.';

const separators = z.registry<{ readonly separator: Separator }>();

function idWith(separator: Separator) {
  const schema = z.string().min(1);
  separators.add(schema, { separator });
  return schema;
}

/** Id of an event of `run.events`. */
export const partId = idWith('/');

/** Id of an approval: its run and the seq of the event that asks for it. */
export const approvalId = idWith('.');

/** What stands between run and seq, where `schema` is the schema of such an id. */
export const separatorOf = (schema: z.core.$ZodType): Separator | undefined =>
  separators.get(schema)?.separator;

/** The JSON Schema of data as they are stored. Input form: a reader of an older release must not refuse fields it does not know yet. */
export const storedSchemaOf = (schema: z.ZodType) =>
  z.toJSONSchema(schema, {
    io: 'input',
    override({ zodSchema, jsonSchema }) {
      const separator = separatorOf(zodSchema);
      if (separator === undefined) return;
      const { description } = jsonSchema;
      const form = `A number is the seq in the id \`run${separator}seq\`, of the run that the record is of.`;
      jsonSchema.minimum = 1;
      jsonSchema.type = ['integer', 'string'] as unknown as 'string';
      jsonSchema.description = description === undefined ? form : `${description}. ${form}`;
    },
  });
