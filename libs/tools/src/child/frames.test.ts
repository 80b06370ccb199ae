import fc from 'fast-check';
import { expect, test } from 'vitest';
import { FrameError, FrameReader, frameOf } from './frames.js';

test('messages arrive whole and in order, however the pipe cuts them', () => {
  const batches = fc.array(fc.array(fc.jsonValue()));
  const cuts = fc.infiniteStream(fc.integer({ min: 1, max: 40 }));
  fc.assert(
    fc.property(batches, cuts, (sent, lengths) => {
      const bytes = Buffer.concat(
        sent.map((messages) => frameOf(messages.map((one) => JSON.stringify(one)))),
      );
      const reader = new FrameReader(1_000_000);
      const got: unknown[] = [];
      for (let at = 0; at < bytes.length; ) {
        const length: number = lengths.next().value;
        got.push(...reader.take(bytes.subarray(at, at + length)));
        at += length;
      }
      expect(got).toEqual(JSON.parse(JSON.stringify(sent.flat())));
    }),
  );
});

test.each([
  ['that announces more than is allowed, before any of it is kept', Buffer.from([0xff, 0xff, 0xff, 0xff])],
  ['that is not JSON', Buffer.concat([Buffer.from([0, 0, 0, 1]), Buffer.from('{')])],
  ['that is not a list', Buffer.concat([Buffer.from([0, 0, 0, 2]), Buffer.from('{}')])],
])('a frame %s is refused', (_name, bytes) => {
  expect(() => new FrameReader(1_000).take(bytes)).toThrow(FrameError);
});
