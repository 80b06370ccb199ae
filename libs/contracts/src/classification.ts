/*
 * What a field holds, for whoever passes messages on to others. It is declared on the field itself, `z.string().meta(personal)`,
 * so it is in the field's JSON Schema too. A field without one may be shown, and so may who acted: `by`, `requester`, roles.
 */

/** Free text or free data, which may be about people: shown to nobody outside. */
export const personal = { classification: 'personal' } as const;

/** Arguments of the tool that `toolHash` beside it names: each field as the tool's own input schema classifies it. */
export const toolInput = { classification: 'tool-input' } as const;

/** Input of the workflow that is `compiled` beside it: each field as the workflow's own input schema classifies it. */
export const workflowInput = { classification: 'workflow-input' } as const;

/** Of use inside Interlock alone. */
export const internal = { classification: 'internal' } as const;

/** Classifications that another schema refines. */
export type RefinedBy = (typeof toolInput | typeof workflowInput)['classification'];

/** What stands in the place of a value that is not shown; it names the classification, and says nothing about the value. */
export interface Redacted {
  readonly redacted: string;
}
