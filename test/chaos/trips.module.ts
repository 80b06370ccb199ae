import { appendFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import type { ModuleFactory } from '@interlock/tools';
import { writtenLines } from '../e2e/written.lines.ts';

/**
 * Trips with children: a fee, two bookings side by side, each a run of its own, and a check that some trips do not pass. Every write is a
 * line in TRIPS_FILE, and another line undoes it.
 */
const file = process.env.TRIPS_FILE ?? '';
export const env = ['TRIPS_FILE'];
const PAUSE_MS = 30;

/** One request as the file got it: a repetition has the key of the first. */
export interface TripLine {
  readonly tool: 'book' | 'undo';
  readonly trip: string;
  readonly what: string;
  readonly key: string;
}

export const linesOf = (path: string): TripLine[] => writtenLines(path);

const input = (more = '') => `
input:
  type: object
  required: [trip]
  properties: { trip: { type: string }${more} }
  additionalProperties: false`;

const booking = `
workflow: booking
version: 1
purpose: Book one part of a trip.
${input(', what: { type: string }')}
output: { what: "\${input.what}", booked: "\${steps.look.output.lines}" }
budget: { steps: 5, toolCalls: 20, costUsd: 0.5 }
steps:
  book: { tool: trips.book, with: { trip: "\${input.trip}", what: "\${input.what}" } }
  look: { needs: [book], tool: trips.look, with: { trip: "\${input.trip}", what: "\${input.what}" } }
`;

const part = (what: string) => `
  ${what}:
    needs: [fee]
    workflow: booking@1
    with: { trip: "\${input.trip}", what: ${what} }`;

const trip = `
workflow: trip
version: 1
purpose: Book a trip, or nothing of it.
${input()}
output: { flight: "\${steps.flight.output.what}", hotel: "\${steps.hotel.output.what}" }
steps:
  fee: { tool: trips.book, with: { trip: "\${input.trip}", what: fee } }${part('flight')}${part('hotel')}
  check: { needs: [flight, hotel], tool: trips.check, with: { trip: "\${input.trip}" } }
`;

const trips: ModuleFactory = ({ defineTool, z }) => {
  const about = z.object({ trip: z.string(), what: z.string() });

  const append =
    (tool: TripLine['tool']) =>
    async (
      { trip: name, what }: { readonly trip: string; readonly what: string },
      { idempotencyKey: key }: { readonly idempotencyKey: string },
    ) => {
      await after(PAUSE_MS);
      const line: TripLine = { tool, trip: name, what, key };
      appendFileSync(file, `${JSON.stringify(line)}\n`);
      await after(PAUSE_MS);
      return { trip: name, what };
    };
  const writing = {
    version: 1,
    description: 'Writes a line.',
    input: about,
    output: about,
    effect: 'write',
    risk: 'low',
    audience: 'internal',
    recovery: { by: 'idempotency-key' },
    timeout: '2s',
  } as const;
  const undo = defineTool({ ...writing, name: 'trips.undo', run: append('undo') });
  const book = defineTool({
    ...writing,
    name: 'trips.book',
    compensate: { tool: 'trips.undo', with: ({ input: asked }) => asked },
    run: append('book'),
  });

  const reading = { effect: 'read', risk: 'low', audience: 'internal', timeout: '2s', version: 1 } as const;
  const look = defineTool({
    ...reading,
    name: 'trips.look',
    description: 'Counts the lines of a part.',
    input: about,
    output: z.object({ lines: z.int() }),
    async run({ trip: name, what }) {
      await after(PAUSE_MS);
      return { lines: linesOf(file).filter((line) => line.trip === name && line.what === what).length };
    },
  });
  const check = defineTool({
    ...reading,
    name: 'trips.check',
    description: 'Says whether the trip can be made.',
    input: z.object({ trip: z.string() }),
    output: z.object({ fine: z.literal(true) }),
    failure: z.object({ code: z.literal('storm') }),
    async run({ trip: name }, context) {
      await after(PAUSE_MS);
      return name.startsWith('storm') ? context.fail({ code: 'storm' }) : ({ fine: true } as const);
    },
  });

  return {
    tools: [undo, book, look, check],
    workflows: [trip, booking],
    policies: [
      {
        id: 'trips',
        text: `permit (principal, action, resource) when {
          [Tool::"trips.book", Tool::"trips.undo", Tool::"trips.look", Tool::"trips.check"].contains(resource)
        };`,
      },
    ],
  };
};

export default trips;
