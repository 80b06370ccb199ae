import { statfs } from 'node:fs/promises';

const MB = 1024 * 1024;
/** A quarter of a small disk is kept free, and this much of a large one. */
const RESERVE_MAX = 512 * MB;
const SHARE = 1 / 4;
const LOOK_AGAIN_MS = 1_000;

/** The disk keeps its reserve: nothing new begins. */
export class NoRoomError extends Error {
  override readonly name = 'NoRoomError';
}

export interface Disk {
  readonly freeBytes: number;
  readonly sizeBytes: number;
}

export async function diskOf(directory: string): Promise<Disk> {
  const { bavail, blocks, bsize } = await statfs(directory);
  return { freeBytes: bavail * bsize, sizeBytes: blocks * bsize };
}

/** How much of a disk has to be free for runs to be started, when no setting says so. */
export const reserveOf = ({ sizeBytes }: Disk): number =>
  Math.min(RESERVE_MAX, Math.floor(sizeBytes * SHARE));

/** Keeps enough of the data directory's disk free for running work to end: below the reserve no run is started. */
export class DiskReserve {
  #seen: { readonly disk: Disk; readonly at: number } | undefined;

  /** @param reserveBytes undefined: what `reserveOf` says */
  constructor(
    readonly directory: string,
    readonly reserveBytes: number | undefined,
    readonly look: (directory: string) => Promise<Disk> = diskOf,
    readonly now: () => number = () => performance.now(),
  ) {}

  /** @throws {NoRoomError} saying how to make room */
  async requireRoom(): Promise<void> {
    const disk = await this.#disk();
    const reserve = this.reserveBytes ?? reserveOf(disk);
    if (disk.freeBytes >= reserve) return;
    throw new NoRoomError(
      `The disk of ${this.directory} has ${megabytes(disk.freeBytes)} free, under its reserve of ${megabytes(reserve)}: no run is started, and those under way go on. Make room there, or lower INTERLOCK_DISK_RESERVE_MB.`,
    );
  }

  async #disk(): Promise<Disk> {
    const at = this.now();
    if (this.#seen === undefined || at - this.#seen.at >= LOOK_AGAIN_MS)
      this.#seen = { disk: await this.look(this.directory), at };
    return this.#seen.disk;
  }
}

const megabytes = (bytes: number): string => `${(bytes / MB).toFixed(1)} MB`;
