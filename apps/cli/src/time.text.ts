const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time as people say it: `0.068 s`, `12.4 s`, `3 min 20 s`, `2 h 5 min`, `4 d 3 h`. */
export function spanText(ms: number): string {
  if (ms < MINUTE) return `${(ms / SECOND).toFixed(ms < SECOND ? 3 : 1)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min ${Math.floor((ms % MINUTE) / SECOND)} s`;
  if (ms < DAY) return `${Math.floor(ms / HOUR)} h ${Math.floor((ms % HOUR) / MINUTE)} min`;
  return `${Math.floor(ms / DAY)} d ${Math.floor((ms % DAY) / HOUR)} h`;
}

/** `just now`, `3 min ago`, `in 4 h`: how far an ISO instant is from `nowMs`. */
export function distanceText(iso: string, nowMs: number): string {
  const ms = Date.parse(iso) - nowMs;
  const size = Math.abs(ms);
  if (size < SECOND) return 'just now';
  const [unit, name]: readonly [number, string] =
    size < MINUTE ? [SECOND, 's'] : size < HOUR ? [MINUTE, 'min'] : size < 2 * DAY ? [HOUR, 'h'] : [DAY, 'd'];
  const text = `${Math.round(size / unit)} ${name}`;
  return ms < 0 ? `${text} ago` : `in ${text}`;
}

/** `2026-11-22 10:15:00 (3 min ago)`, in the time zone of this machine. */
export const instantText = (iso: string, nowMs: number): string =>
  `${localText(iso)} (${distanceText(iso, nowMs)})`;

const localText = (iso: string): string => {
  const at = new Date(iso);
  const two = (value: number) => String(value).padStart(2, '0');
  const date = [at.getFullYear(), two(at.getMonth() + 1), two(at.getDate())].join('-');
  return `${date} ${clockText(iso).slice(0, 8)}`;
};

/** `10:15:00.120`, in the time zone of this machine. */
export function clockText(iso: string): string {
  const at = new Date(iso);
  const two = (value: number) => String(value).padStart(2, '0');
  const milliseconds = String(at.getMilliseconds()).padStart(3, '0');
  return `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}.${milliseconds}`;
}
