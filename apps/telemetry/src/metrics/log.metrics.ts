import { counter, gauge } from './definition.js';

/* Operations, counted over the topics themselves */
export const logClaims = counter(
  'interlock_log_claims_total',
  'Times a host has taken a partition of the topic, as far back as the topic is kept',
  ['topic'],
);
export const logFenced = counter(
  'interlock_log_fenced_records_total',
  'Records of the topic that no reader accepts: of deposed hosts, or without valid headers',
  ['topic'],
);
export const readerStopped = gauge(
  'interlock_metrics_reader_stopped',
  '1: the metrics cannot read on in this partition, and are as of their offset',
  ['topic', 'partition'],
);

export const logMetrics = [logClaims, logFenced];
