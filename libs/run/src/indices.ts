/*
 * Which list a number counts in is part of its type, so that the index of a step cannot be taken for that of a call's request. They are
 * plain numbers in the state and in JSON; only the list that they count in gives them out.
 */

declare const counted: unique symbol;

/** Of a step in the state of a run: the workflow's own ones first. */
export type StepIndex = number & { readonly [counted]: 'step' };
/** Of a request, in the order of the events. */
export type RequestIndex = number & { readonly [counted]: 'request' };
/** Of something people were asked, in the order of the events. */
export type ApprovalIndex = number & { readonly [counted]: 'approval' };
/** Of a write of a step, in the order of the records of it. */
export type WriteIndex = number & { readonly [counted]: 'write' };

export type Index = StepIndex | RequestIndex | ApprovalIndex | WriteIndex;
