import { parseArgs } from 'node:util';

export const HELP = `npm run bench -- [options] [WORKLOAD ...]  the workloads of the speed table, through the HTTP interface
  --broker embedded|kafka|both   (embedded; kafka starts one broker of its own unless KAFKA_BROKERS is set)
  WORKLOAD                       governed-step, wake, crash, long-run or loop (all)
  --only crash,long-run          the same as naming them
  --seconds 20                   how long each load of governed-step is measured
  --warm-up 3                    seconds before that
  --in-flight 1,16,64,256        loads of governed-step
  --steps read,write             kinds of step in governed-step
  --kills all|worker             crash: kill only the worker, or broker and orchestrator too (Kafka)
  --json FILE                    figures (.interlock/bench/<time>.json)
  --keep                         leave the data directories for a look`;

const workloads = ['governed-step', 'wake', 'crash', 'long-run', 'loop'];
const brokers = { embedded: ['embedded'], kafka: ['kafka'], both: ['embedded', 'kafka'] };

/** What the command line asks for. @throws with a sentence for people */
export function optionsOf(argv) {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    args: argv,
    options: {
      broker: { type: 'string', default: 'embedded' },
      only: { type: 'string' },
      seconds: { type: 'string', default: '20' },
      'warm-up': { type: 'string', default: '3' },
      'in-flight': { type: 'string', default: '1,16,64,256' },
      steps: { type: 'string', default: 'read,write' },
      kills: { type: 'string', default: 'all' },
      json: { type: 'string' },
      keep: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (brokers[values.broker] === undefined) throw new Error('--broker is embedded, kafka or both');
  const named = positionals.length > 0 ? positionals.join(',') : (values.only ?? workloads.join(','));
  return {
    help: values.help,
    brokers: brokers[values.broker],
    only: listed(named, workloads, 'workloads'),
    seconds: positive(values.seconds, '--seconds'),
    warmUp: positive(values['warm-up'], '--warm-up'),
    inFlight: values['in-flight'].split(',').map((text) => positive(text, '--in-flight')),
    steps: listed(values.steps, ['read', 'write'], '--steps'),
    kills: listed(values.kills, ['all', 'worker'], '--kills')[0],
    json: values.json,
    keep: values.keep,
  };
}

function listed(text, known, option) {
  const items = text.split(',');
  const unknown = items.find((item) => !known.includes(item));
  if (unknown !== undefined)
    throw new Error(`${option}: ${unknown} is unknown; known are ${known.join(', ')}`);
  return items;
}

function positive(text, option) {
  const number = Number(text);
  if (!(number > 0)) throw new Error(`${option}: ${text} is not a number above 0`);
  return number;
}
