// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a workflow's own expressions
import type { Workflow } from '@interlock/module';

export const bookRoom: Workflow = {
  workflow: 'book-room',
  version: 1,
  purpose: 'Book a meeting room for somebody who needs one.',
  input: {
    type: 'object',
    required: ['day', 'people'],
    additionalProperties: false,
    properties: {
      day: { type: 'string', format: 'date' },
      people: { type: 'integer', minimum: 1, maximum: 100 },
    },
  },
  output: { bookingId: '${has(steps.book.output) ? steps.book.output.bookingId : ""}' },
  success: 'output.bookingId != ""',
  budget: { steps: 10, toolCalls: 10, duration: 'P2D' },
  steps: {
    free: { tool: 'rooms.free', with: { day: '${input.day}' } },
    book: {
      needs: ['free'],
      when: 'steps.free.output.free > 0',
      tool: 'rooms.book',
      with: { day: '${input.day}', people: '${input.people}' },
    },
  },
};
