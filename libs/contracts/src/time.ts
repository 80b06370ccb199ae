/** Milliseconds since 1970-01-01T00:00:00Z. The only source of time for cores and hosts. */
export interface Clock {
  now(): number;
}

/** Uniform in [0, 1). The only source of chance for hosts; cores derive jitter from event ids. */
export interface Random {
  next(): number;
}
