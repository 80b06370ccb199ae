import { evidenceKeyPath, KeyFile } from '@interlock/authority';
import { CONFIGURATION, type Configuration } from '@interlock/service';
import type { Provider } from '@nestjs/common';

/** The key this gateway signs exports with, and those it signed with before. */
export const EVIDENCE_KEYS = Symbol('EvidenceKeys');

export const evidenceKeys: Provider = {
  provide: EVIDENCE_KEYS,
  inject: [CONFIGURATION],
  useFactory: ({ INTERLOCK_KEYS_DIR }: Configuration) => KeyFile.open(evidenceKeyPath(INTERLOCK_KEYS_DIR)),
};
