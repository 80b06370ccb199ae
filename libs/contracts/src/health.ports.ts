import type { ServiceName } from './topics.js';

/**
 * Where `npm run start:services` serves `/healthz`, `/readyz` and `/metrics` of each service. The gateway's is the port of its HTTP
 * interface (`INTERLOCK_PORT`); the others move together when `INTERLOCK_HEALTH_PORT` names another first one. docs/operations.md
 * shows this table.
 */
export const healthPorts = {
  gateway: 7400,
  registry: 7401,
  orchestrator: 7402,
  planner: 7403,
  policy: 7404,
  'tool-executor': 7405,
  approval: 7406,
  audit: 7407,
  telemetry: 7408,
  notifier: 7409,
} as const satisfies Readonly<Record<ServiceName, number>>;

/** The first one that is not the gateway's. */
export const HEALTH_PORT_FIRST = healthPorts.registry;
