import { z } from 'zod';

/** The principal of a policy decision, as the run knows it. */
export const runPrincipal = z.object({
  workflow: z.string(),
  version: z.number().int(),
  requester: z.string(),
  requesterRoles: z.array(z.string()),
  tenant: z.string().optional(),
});
