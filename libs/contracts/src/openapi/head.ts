/** What stands at the head of `openapi.json`. */

export const securitySchemes = {
  token: {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
    description:
      'EdDSA or RS256; claims iss, aud, exp, sub, roles and, where there are several, tenant. `./interlock token --sub alice --role lead` makes one for development',
  },
};

const description = `Lets AI agents act on real systems, with a log that proves what they did, why, and who allowed it.

Every error is an RFC 9457 problem; docs/errors.md says what each means and what to do. A body is a JSON object of at most 1 MB, at most 64 levels deep, in valid UTF-8, without a key \`__proto__\`, \`prototype\` or \`constructor\`. No \`Accept\` means JSON. A request without a token is 401, wherever it comes from; public without one: \`/healthz\`, \`/readyz\`, \`/metrics\`, \`/openapi.json\` and \`/v1/keys\`. An identity sees what belongs to its own tenant; what is another's is 404, as what never was. Of the tenant \`*\` an \`auditor\` reads everything, and an \`operator\` gives commands too.

A request that is not whole within 2 minutes, or its headers within one, is answered 408 on any path, and the connection ends. One identity has at most 1,000 streams of events open: 429 beyond.`;

export const head = {
  openapi: '3.1.0',
  info: { title: 'Interlock', version: '1.0.0', description },
  servers: [{ url: 'http://127.0.0.1:7400' }],
  security: [{ token: [] }],
};
