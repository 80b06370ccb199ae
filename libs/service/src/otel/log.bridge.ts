import { Writable } from 'node:stream';
import { logs, SeverityNumber } from '@opentelemetry/api';

const severities: Readonly<Record<number, readonly [SeverityNumber, string]>> = {
  20: [SeverityNumber.DEBUG, 'DEBUG'],
  30: [SeverityNumber.INFO, 'INFO'],
  40: [SeverityNumber.WARN, 'WARN'],
  50: [SeverityNumber.ERROR, 'ERROR'],
  60: [SeverityNumber.FATAL, 'FATAL'],
};

/** What the SDK says of itself: an export that fails must not be the next thing to export. */
export const OTEL_HOST = 'opentelemetry';

/** Gives every line of the log to OpenTelemetry's logs too. */
export function logBridge(): Writable {
  const logger = logs.getLogger('interlock');
  return new Writable({
    decodeStrings: false,
    write(line: string, _encoding, done) {
      const { level, time, msg, service: _service, pid: _pid, ...attributes } = JSON.parse(line);
      if (attributes.host !== OTEL_HOST) {
        const [severityNumber, severityText] = severities[level] ?? [
          SeverityNumber.UNSPECIFIED,
          String(level),
        ];
        logger.emit({ timestamp: time, severityNumber, severityText, body: msg, attributes });
      }
      done();
    },
  });
}
