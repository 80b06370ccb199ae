/** The OpenAPI 3.1 document of the gateway, from its routes and the schemas of what they take and answer. */
import { codesOf } from '../errors/error.entry.js';
import { httpErrors } from '../errors/http.errors.js';
import { type ProblemDetails, problem } from '../http/problem.js';
import { ComponentSchemas } from './component.schemas.js';
import { problemExamples } from './examples/problem.examples.js';
import { head, securitySchemes } from './head.js';
import { type Answer, type Content, json, type Operation } from './operation.js';
import { operations } from './operations/index.js';
import { componentOf, headerParameters, pathParameters } from './parameters.js';

/** `openapi.json` as it is committed and served. */
export const openApiText = (): string => `${JSON.stringify(openApi(new ComponentSchemas()), null, 2)}\n`;

function openApi(schemas: ComponentSchemas) {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations) {
    const { path, method } = operation;
    paths[path] = { ...paths[path], [method]: operationOf(operation, schemas) };
  }
  const parameters = {
    ...componentsOf('path', pathParameters, schemas),
    ...componentsOf('header', headerParameters, schemas),
  };
  const responses = Object.fromEntries(
    codesOf(problemExamples).map((kind) => {
      const { status, meaning } = httpErrors[kind];
      return [status, refusalOf(problemExamples[kind], meaning, schemas)];
    }),
  );
  return {
    ...head,
    components: { securitySchemes, parameters, responses, schemas: schemas.named() },
    paths,
  };
}

function operationOf(operation: Operation, schemas: ComponentSchemas) {
  const { operationId, summary, description, isPublic, body, answers, refusals } = operation;
  const parameters = parametersOf(operation, schemas);
  return {
    operationId,
    summary,
    description,
    security: isPublic ? [{}] : undefined,
    parameters: parameters.length === 0 ? undefined : parameters,
    requestBody: body && { required: body.isOptional !== true, content: contentOf([body], schemas) },
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, answer]) => [status, answerOf(answer, schemas)]),
      ),
      ...Object.fromEntries(
        refusals.map((kind) => [
          httpErrors[kind].status,
          { $ref: `#/components/responses/${httpErrors[kind].status}` },
        ]),
      ),
    },
  };
}

function parametersOf({ path, query, queryExamples, headers = [] }: Operation, schemas: ComponentSchemas) {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
  const inQuery = Object.entries(query?.shape ?? {}).map(([name, schema]) => {
    const { description, ...rest } = schemas.of(schema);
    return { name, in: 'query', description, schema: rest, example: queryExamples?.[name] };
  });
  const refs = [...inPath, ...headers].map((name) => ({
    $ref: `#/components/parameters/${componentOf(name)}`,
  }));
  return [...refs, ...inQuery];
}

type Schemas = typeof headerParameters | typeof pathParameters;

const componentsOf = (place: 'path' | 'header', named: Schemas, schemas: ComponentSchemas) =>
  Object.fromEntries(
    Object.entries(named).map(([name, parameter]) => {
      const { description, ...schema } = schemas.of(parameter);
      return [componentOf(name), { name, in: place, required: place === 'path', description, schema }];
    }),
  );

const answerOf = ({ description, contents }: Answer, schemas: ComponentSchemas) => ({
  description,
  content: contentOf(contents, schemas),
});

const contentOf = (contents: readonly Content[], schemas: ComponentSchemas) =>
  Object.fromEntries(
    contents.map(({ type, schema, ...shown }) => [
      type,
      {
        schema: schemas.of(schema),
        ...('example' in shown ? { example: shown.example } : { examples: shown.examples }),
      },
    ]),
  );

const RETRIED = [429, 503];

function refusalOf(example: ProblemDetails, description: string, schemas: ComponentSchemas) {
  const retryAfter = { 'Retry-After': { schema: { type: 'integer' }, description: 'Seconds' } };
  return {
    description,
    content: contentOf([{ ...json(problem, { example }), type: 'application/problem+json' }], schemas),
    headers: RETRIED.includes(example.status) ? retryAfter : undefined,
  };
}
