export { checkSchema } from './check.js';
export { embedded } from './embed.js';
export { limits as schemaLimits } from './limits.js';
export { type Normalised, normalised } from './normalise.js';
export { type JsonSchema, type Schema, SchemaError, type SchemaFlaw, type SchemaProblem } from './schema.js';
export { type Misfit, misfitOf, misfitOfPart } from './validate.js';
