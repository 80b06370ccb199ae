/*
 * Which list a number counts in is part of its type, so that the index of a step cannot be taken for that of a call's request. They are
 * plain numbers in the state and in JSON; only the list that they count in gives them out.
 */

declare const counted: unique symbol;

/** Of a step of the workflow. */
export type StepIndex = number & { readonly [counted]: 'step' };
/** Of a call, in the order of the first requests. */
export type CallIndex = number & { readonly [counted]: 'call' };
/** Of a request, in the order of the events. */
export type RequestIndex = number & { readonly [counted]: 'request' };
/** Of something people were asked, in the order of the events. */
export type ApprovalIndex = number & { readonly [counted]: 'approval' };
/** Of a write, in the order of the records of it. */
export type WriteIndex = number & { readonly [counted]: 'write' };

export type Index = StepIndex | CallIndex | RequestIndex | ApprovalIndex | WriteIndex;
