import { votesSurvive } from '../votes.scenario.ts';
import { startVotingOnKafka } from './people.kafka.ts';
import type { ServiceName } from './service.process.ts';

const KILLS = Number(process.env.KAFKA_KILLS ?? 6);
const services: readonly ServiceName[] = ['approval', 'gateway', 'orchestrator'];
const victims = Array.from({ length: KILLS }, (_, kill) => services[kill % services.length]!);

votesSurvive(() => startVotingOnKafka(services), victims);
