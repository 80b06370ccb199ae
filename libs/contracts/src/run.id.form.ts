/** Whether an id has the form that keys derive. Nobody chooses such a one: its name belongs to whoever has the key. */
export const isDerivedRunId = (runId: string): boolean =>
  /^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i.test(runId);
