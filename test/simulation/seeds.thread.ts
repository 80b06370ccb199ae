import { parentPort, workerData } from 'node:worker_threads';
import { resultOf, type SeedOptions } from './seeds.ts';

/** One of several threads that run seeds: it gets one at a time, and answers with what that came to. */
const options = workerData as SeedOptions;
parentPort?.on('message', async (seed: number) => {
  parentPort?.postMessage(await resultOf(seed, options));
});
