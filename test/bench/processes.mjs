// What the kernel says about processes and the disk.
import { readdirSync, readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100;

/** CPU seconds, resident bytes and bytes written to the device of one process with all its threads; undefined: gone. */
export function usageOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const io = readFileSync(`/proc/${pid}/io`, 'utf8');
    return {
      cpuS: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
      rssBytes: 1024 * Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0),
      writtenBytes: Number(/^write_bytes: (\d+)/m.exec(io)?.[1] ?? 0),
    };
  } catch {
    return undefined;
  }
}

/** The sum over `pids` and their children, in which tools run. */
export function usageOfAll(pids) {
  const sum = { cpuS: 0, rssBytes: 0, writtenBytes: 0 };
  const add = (usage) => {
    for (const name in sum) sum[name] += usage[name];
  };
  for (const pid of pids) {
    const usage = usageOf(pid);
    if (usage === undefined) throw new Error(`process ${pid} is gone`);
    add(usage);
  }
  for (const pid of childrenOf(pids)) add(usageOf(pid) ?? { cpuS: 0, rssBytes: 0, writtenBytes: 0 });
  return sum;
}

function childrenOf(pids) {
  const listed = pids.flatMap((pid) =>
    readdirSync(`/proc/${pid}/task`).flatMap((thread) => {
      try {
        return readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').trim().split(' ');
      } catch {
        // The thread ended between the listing and the look.
        return [];
      }
    }),
  );
  return listed.filter((child) => child !== '').map(Number);
}

/** CPU seconds of every thread of a process by its name. */
export function threadCpu(pid) {
  const byName = {};
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      const stat = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'utf8');
      const name = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
      byName[name] = (byName[name] ?? 0) + (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
    } catch {
      // It ended between the listing and the look.
    }
  }
  return byName;
}

/** Flushes that the disks have done since boot, whoever asked for them. One a commit, more or less. */
export function deviceFlushes() {
  let flushes = 0;
  for (const line of readFileSync('/proc/diskstats', 'utf8').split('\n')) {
    const fields = line.trim().split(/\s+/);
    if (/^(vd|sd|xvd)[a-z]$|^nvme\d+n\d+$/.test(fields[2] ?? '')) flushes += Number(fields[18] ?? 0);
  }
  return flushes;
}

/** CPU seconds of the whole machine since boot, `stolen` by other machines beside it among them. */
export function machineCpuS() {
  const [, user, nice, system, , , irq, softirq, steal] = readFileSync('/proc/stat', 'utf8')
    .split('\n', 1)[0]
    .split(/\s+/)
    .map(Number);
  return (user + nice + system + irq + softirq + steal) / TICKS_PER_SECOND;
}
