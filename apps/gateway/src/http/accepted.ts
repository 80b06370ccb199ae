/** What stands for the first media type in an Accept header that is among `forms`; undefined: it names none of them. */
export function accepted<Form>(accept = '', forms: ReadonlyMap<string, Form>): Form | undefined {
  for (const range of accept.toLowerCase().split(',')) {
    const form = forms.get(range.split(';')[0]?.trim() ?? '');
    if (form !== undefined) return form;
  }
  return undefined;
}
