import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { FastifyReply } from 'fastify';
import { expect, test } from 'vitest';
import { keepOpen } from './open.reply.js';

/** A reply, and what has been written to it. */
function replyUnderTest() {
  const raw = new ServerResponse(new IncomingMessage(new Socket()));
  const written: string[] = [];
  let isHijacked = false;
  raw.write = (text: string) => {
    written.push(text);
    return false;
  };
  const hijack = () => {
    isHijacked = true;
  };
  return { reply: { raw, hijack } as unknown as FastifyReply, raw, written, isHijacked: () => isHijacked };
}
const form = { headers: {}, heartbeat: () => '' };

test('nothing is told to a caller who has left before the answer began', async () => {
  const { reply, raw, written, isHijacked } = replyUnderTest();
  raw.destroy();
  await keepOpen(reply, form, async ({ write }) => {
    await write('never');
    return 'never';
  });
  expect([isHijacked(), raw.headersSent, written]).toEqual([true, false, []]);
});

test('a reader who leaves while it is waited for ends what is told', async () => {
  const { reply, raw, written } = replyUnderTest();
  const told = keepOpen(reply, form, async ({ write }) => {
    await write('one');
    await write('two');
    return '';
  });
  raw.emit('close');
  await told;
  expect([written, raw.destroyed]).toEqual([['one'], true]);
});
