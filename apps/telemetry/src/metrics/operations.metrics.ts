import { gauge } from './definition.js';

/* Operations, asked of the broker at a scrape */
export const quarantineRecords = gauge(
  'interlock_quarantine_records',
  'Messages that the service could not handle and that are still kept',
  ['service'],
);
export const consumerLag = gauge(
  'interlock_consumer_lag_records',
  'Records of the partition behind what the service has committed; also while the service is down',
  ['service', 'topic', 'partition'],
);
export const brokerUp = gauge(
  'interlock_broker_up',
  '1 when the broker answered the last question about quarantine and lag; at 0 their metrics are missing, and the move of a leader shows as 0 for some seconds',
  [],
);
