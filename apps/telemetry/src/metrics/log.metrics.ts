import { counter, gauge } from './definition.js';

/* Operations, counted over the topics themselves */
export const logClaims = counter(
  'interlock_log_claims_total',
  'Claims of partitions of the topic, as far back as the topic is kept',
  ['topic'],
);
export const logFenced = counter(
  'interlock_log_fenced_records_total',
  'Records of the topic that no reader accepts: of deposed hosts, or without valid headers',
  ['topic'],
);
export const readerStopped = gauge(
  'interlock_metrics_reader_stopped',
  '1: the metrics of this partition are not read any further than their offset',
  ['topic', 'partition'],
);

export const logMetrics = [logClaims, logFenced];
