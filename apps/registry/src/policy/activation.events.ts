import {
  type Activation,
  ActivationClosed,
  ActivationRefused,
  type ArtifactEvent,
  type activationRefusals,
  type BundleInForce,
  type Identity,
  PolicyActivated,
  type PolicyInForce,
} from '@interlock/contracts';

/** A command about policy, as far as every answer names it. */
export interface Asked {
  readonly commandId: string;
  readonly by: Identity;
}

/** The bundle comes into force; other pending activations are superseded. */
export function activated(policy: PolicyInForce, bundle: Omit<BundleInForce, 'from'>): ArtifactEvent[] {
  const { active } = policy;
  const superseded = policy.activations.filter(
    ({ status, activationId }) => status === 'pending' && activationId !== bundle.activationId,
  );
  return [
    PolicyActivated({ ...bundle, ...(active !== undefined && { from: active.hash }) }),
    ...superseded.map((one) => closed(one, 'superseded', bundle.at)),
  ];
}

export const closed = (
  { activationId }: Pick<Activation, 'activationId'>,
  because: 'denied' | 'superseded' | 'expired',
  at: number,
): ArtifactEvent => ActivationClosed({ activationId, because, at });

export const refused = (
  { commandId, by }: Asked,
  code: (typeof activationRefusals)[number],
  message: string,
  at: number,
  activationId?: string,
): ArtifactEvent[] => [
  ActivationRefused({
    commandId,
    by,
    code,
    message,
    at,
    ...(activationId !== undefined && { activationId }),
  }),
];
