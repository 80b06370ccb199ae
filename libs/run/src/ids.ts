/** Of an event of the run; a request, a plan and a check have the id of the event that asks for them. */
export const eventIdOf = (runId: string, seq: number): string => `${runId}/${seq}`;

/** Of what people are asked by the event with this seq. */
export const approvalIdOf = (runId: string, seq: number): string => `${runId}.${seq}`;
