import { afterEach, beforeEach, describe } from 'vitest';
import type { Broker } from './broker.js';
import { appendContract } from './contract/append.contract.js';
import { cutContract } from './contract/cut.contract.js';
import { faultContract } from './contract/fault.contract.js';
import { followContract } from './contract/follow.contract.js';
import { groupContract } from './contract/group.contract.js';
import { memberContract } from './contract/member.contract.js';
import { readContract } from './contract/read.contract.js';
import { readAtContract } from './contract/read-at.contract.js';
import { restartContract } from './contract/restart.contract.js';
import { topicContract } from './contract/topic.contract.js';
import type { BrokerUnderTest } from './contract/under-test.js';
import { fencedContract } from './fenced.contract.js';

export type { AppendFaults, BrokerUnderTest } from './contract/under-test.js';

export interface ContractOptions {
  /** How long one promise may take; raise it for a broker on a network. Milliseconds. */
  readonly timeoutMs?: number;
}

/**
 * Everything the port promises, as a vitest suite. Every implementation calls it; every test gets a broker of its own from `open`
 * and topics with names that were never used before, so the data behind `open` may be shared.
 *
 * Nothing here sleeps: tests wait for what the broker tells them. A broker on a virtual clock must let it run by itself.
 */
export function brokerContract(
  name: string,
  open: () => Promise<BrokerUnderTest>,
  { timeoutMs = 5_000 }: ContractOptions = {},
): void {
  describe(`the ${name} broker`, { timeout: timeoutMs }, () => {
    let underTest: BrokerUnderTest;
    beforeEach(async () => {
      underTest = await open();
    }, timeoutMs);
    afterEach(() => underTest.close(), timeoutMs);

    const broker = (): Broker => underTest.broker;
    topicContract(broker);
    appendContract(broker);
    readContract(broker);
    readAtContract(broker);
    followContract(broker);
    cutContract(broker);
    memberContract(broker);
    groupContract(broker);
    restartContract(() => underTest);
    faultContract(() => underTest);
    fencedContract(() => underTest);
  });
}
