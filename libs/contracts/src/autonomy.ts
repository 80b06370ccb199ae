import { z } from 'zod';

/**
 * baseline: rules act. shadow: rules act, and a model plans beside them. assisted: a model acts, and a person approves
 * every write that it led to (docs/models.md).
 */
export const autonomyLevel = z.enum(['baseline', 'shadow', 'assisted']);
export type AutonomyLevel = z.output<typeof autonomyLevel>;
