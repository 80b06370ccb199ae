import type { ModuleKit } from '@interlock/module';

const ROOMS = 3;

/** Stands for the system in which your rooms are really booked, and forgets everything when the server stops: call that system instead. */
const bookings = new Map<string, { readonly bookingId: string; readonly day: string }>();
const takenOn = (day: string): number => [...bookings.values()].filter((one) => one.day === day).length;

export function roomTools({ defineTool, z }: ModuleKit) {
  const day = z.iso.date();

  const free = defineTool({
    name: 'rooms.free',
    version: 1,
    description: 'Says how many rooms are free on a day.',
    input: z.object({ day }),
    output: z.object({ free: z.int().min(0) }),
    effect: 'read',
    risk: 'low',
    audience: 'internal',
    timeout: '5s',
    run: ({ day }) => ({ free: Math.max(0, ROOMS - takenOn(day)) }),
  });

  const book = defineTool({
    name: 'rooms.book',
    version: 1,
    description: 'Books a room for a day.',
    input: z.object({ day, people: z.int().min(1).max(100) }),
    output: z.object({ bookingId: z.string() }),
    failure: z.object({ code: z.literal('full'), day }),
    effect: 'write',
    risk: 'medium',
    audience: 'internal',
    // A call that is made again has the same key, and books no second room.
    recovery: { by: 'idempotency-key' },
    timeout: '10s',
    run({ day }, { idempotencyKey, fail }) {
      const before = bookings.get(idempotencyKey);
      if (before !== undefined) return { bookingId: before.bookingId };
      if (takenOn(day) >= ROOMS) return fail({ code: 'full', day });
      const bookingId = `booking-${bookings.size + 1}`;
      bookings.set(idempotencyKey, { bookingId, day });
      return { bookingId };
    },
  });

  return [free, book];
}
