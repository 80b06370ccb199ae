import { expect, test } from 'vitest';
import { DiskReserve, reserveOf } from './disk.reserve.js';

const MB = 1024 * 1024;

test.each([
  [24 * MB, 6 * MB],
  [1024 * MB, 256 * MB],
  [1024 * 1024 * MB, 512 * MB],
])('of a disk of %i bytes %i are kept free', (sizeBytes, reserve) => {
  expect(reserveOf({ sizeBytes, freeBytes: 0 })).toBe(reserve);
});

test('below the reserve no run is started, until there is room again', async () => {
  let freeBytes = 5 * MB;
  let now = 0;
  const look = async () => ({ freeBytes, sizeBytes: 24 * MB });
  const reserve = new DiskReserve('data', undefined, look, () => now);
  await expect(reserve.requireRoom()).rejects.toMatchObject({
    name: 'NoRoomError',
    message: /5\.0 MB free.*6\.0 MB/s,
  });
  freeBytes = 7 * MB;
  await expect(reserve.requireRoom()).rejects.toMatchObject({ name: 'NoRoomError' });
  now = 1_000;
  await reserve.requireRoom();
});

test('a setting takes the place of the share', async () => {
  const look = async () => ({ freeBytes: 5 * MB, sizeBytes: 24 * MB });
  await new DiskReserve('data', 4 * MB, look).requireRoom();
  await expect(new DiskReserve('data', 8 * MB, look).requireRoom()).rejects.toMatchObject({
    name: 'NoRoomError',
  });
});
