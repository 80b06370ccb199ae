import { votesSurvive } from '../votes.story.ts';
import { startVotingOnKafka } from './people.kafka.ts';
import type { ServiceName } from './service.process.ts';

const victims: readonly ServiceName[] = [
  ...Array<ServiceName>(7).fill('approval'),
  ...Array<ServiceName>(7).fill('gateway'),
  ...Array<ServiceName>(6).fill('orchestrator'),
];

votesSurvive(startVotingOnKafka, victims);
