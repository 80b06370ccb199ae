// `npm run kafka`: one Kafka broker for development and tests. `npm run kafka -- --stop` ends it.
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { answers, runningKafka, runningPid, startKafka, stopKafka } from './kafka.server.mjs';

export { runningKafka, startKafka, stopKafka };

const HELP = `npm run kafka [-- options]   one Kafka broker on 127.0.0.1, in the background
  --port N              for clients (9092)
  --controller-port N   for the quorum (9093)
  --dir DIR             data, log and pid (.kafka/)
  --brokers 1           how many; a replicated cluster is not started here
  --foreground          stay until Ctrl-C
  --stop                stop the one in DIR`;

async function main() {
  const { values: options } = parseArgs({
    options: {
      port: { type: 'string', default: '9092' },
      'controller-port': { type: 'string', default: '9093' },
      dir: { type: 'string', default: resolve(import.meta.dirname, '..', '.kafka') },
      brokers: { type: 'string', default: '1' },
      foreground: { type: 'boolean', default: false },
      stop: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (options.help) return console.log(HELP);
  if (options.stop) return console.log((await stopKafka(options.dir)) ? 'stopped' : 'none was running');
  if (options.brokers !== '1')
    throw new Error('--brokers: only 1 is possible here; set KAFKA_BROKERS to use a cluster');
  if (runningPid(resolve(options.dir)) !== undefined)
    throw new Error(`one runs already in ${options.dir}; stop it with --stop`);
  const port = Number(options.port);
  if (await answers(port)) throw new Error(`port ${port} is taken by another Kafka; choose one with --port`);
  const kafka = await startKafka({
    port,
    controllerPort: Number(options['controller-port']),
    dir: options.dir,
  });
  console.log(`KAFKA_BROKERS=${kafka.brokers}`);
  if (!options.foreground) return;
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.once(signal, () => void kafka.stop().then(() => process.exit(0)));
  setInterval(() => runningPid(resolve(options.dir)) ?? process.exit(1), 1_000);
}

if (process.argv[1] && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  main().catch((error) => {
    console.error(error.message);
    process.exit(1);
  });
}
