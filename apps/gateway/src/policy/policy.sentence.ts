import type { ArtifactView } from '@interlock/service';

/** For whoever starts a server: which bundle is in force, and how that is changed. */
export function policySentence(artifacts: Pick<ArtifactView, 'activePolicy' | 'policy'>): string {
  const active = artifacts.activePolicy();
  const change = './interlock policy activate HASH --reason TEXT';
  if (active === undefined)
    return `No policy bundle is in force, so everything is denied. ${change} changes it.`;
  const { artifact, hash, because, approvedBy } = active;
  const who = approvedBy.map(({ sub }) => sub).join(' and ');
  const others = Object.entries(artifacts.policy.proposed).filter(([, proposed]) => proposed !== hash);
  const waiting =
    because === 'module'
      ? []
      : others.map(([by, proposed]) => ` ${by} proposes ${proposed}, which a person has to activate.`);
  return `Policy bundle ${artifact.name}@${artifact.version} (${hash}) is in force, activated by ${who}.${waiting.join('')} ${change} changes it.`;
}
