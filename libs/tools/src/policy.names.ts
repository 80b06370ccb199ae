/** A comment, an entity such as `Tool::"rooms.free"`, or any other text in quotes. */
const parts = /\/\/[^\n]*|\b(Tool|Workflow)(\s*::\s*)"((?:[^"\\]|\\.)*)"|"(?:[^"\\]|\\.)*"/g;

export type PolicyEntity = 'Tool' | 'Workflow';

/** A Cedar policy with the names of tools and workflows that it is about replaced. What stands in comments and other texts stays. */
export const withNames = (text: string, nameOf: (entity: PolicyEntity, name: string) => string): string =>
  text.replaceAll(parts, (whole, entity: PolicyEntity | undefined, colons: string, name: string) =>
    entity === undefined ? whole : `${entity}${colons}"${nameOf(entity, name)}"`,
  );
