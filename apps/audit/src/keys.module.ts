import { evidenceKeyPath, KeyFile, publishKeys } from '@interlock/authority';
import type { KeySet } from '@interlock/contracts/http';
import { CONFIGURATION, type Configuration } from '@interlock/service';
import { Controller, Get, Inject, Module, type Provider } from '@nestjs/common';

/** The key this process signs heads of runs with, and those it signed with before. */
export const ANCHOR_KEYS = Symbol('AnchorKeys');

export const anchorKeys: Provider = {
  provide: ANCHOR_KEYS,
  inject: [CONFIGURATION],
  useFactory: ({ INTERLOCK_KEYS_DIR }: Configuration) => {
    const keys = KeyFile.open(evidenceKeyPath(INTERLOCK_KEYS_DIR));
    publishKeys(INTERLOCK_KEYS_DIR, keys);
    return keys;
  },
};

/** What heads of runs are checked with. The gateway answers with what is published beside the key file. */
@Controller('v1/keys')
export class AnchorKeysController {
  constructor(@Inject(ANCHOR_KEYS) private readonly keys: KeyFile) {}

  @Get()
  show(): KeySet {
    return this.keys.keySet();
  }
}

@Module({ providers: [anchorKeys], controllers: [AnchorKeysController] })
export class AnchorKeysModule {}
