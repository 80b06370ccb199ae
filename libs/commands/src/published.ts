import type { ArtifactView } from '@interlock/service';

/** What a server has once modules are published: for whoever starts it. */
export interface Published {
  /** Names with versions, `refund-request@1`; the newest of each. */
  readonly workflows: readonly string[];
  readonly tools: readonly string[];
  /** The bundle in force and who has activated it; absent: everything is denied. */
  readonly policy?: { readonly bundle: string; readonly hash: string; readonly by: readonly string[] };
  /** Bundles of modules that are not in force, because people have chosen another: they decide. */
  readonly proposed: readonly { readonly by: string; readonly hash: string }[];
}

export function publishedIn(artifacts: Pick<ArtifactView, 'activePolicy' | 'policy' | 'all'>): Published {
  const workflows = new Map(artifacts.all('workflow').map(({ name, version }) => [name, version]));
  const active = artifacts.activePolicy();
  const others = Object.entries(artifacts.policy.proposed).filter(([, hash]) => hash !== active?.hash);
  return {
    workflows: [...workflows].map(([name, version]) => `${name}@${version}`),
    tools: [...new Set(artifacts.all('tool').map(({ name }) => name))],
    ...(active !== undefined && {
      policy: {
        bundle: `${active.artifact.name}@${active.artifact.version}`,
        hash: active.hash,
        by: active.approvedBy.map(({ sub }) => sub),
      },
    }),
    proposed: active?.because === 'module' ? [] : others.map(([by, hash]) => ({ by, hash })),
  };
}

/** The same for the log. */
export const publishedSentence = ({ policy }: Published): string =>
  policy === undefined
    ? 'no policy bundle is in force, so everything is denied'
    : `policy bundle ${policy.bundle} is in force, activated by ${policy.by.join(' and ')}`;
