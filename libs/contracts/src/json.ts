/** What can be written into a record: the JSON data model, nothing else. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
