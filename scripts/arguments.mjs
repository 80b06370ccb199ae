// The options of `npm start` and `npm run start:services`.
import { parseArgs } from 'node:util';

/**
 * The options that were given, `--json` among them. `--help` prints `usage` and ends this process; an option that is not known ends it
 * with a sentence and exit code 2. launch.mjs answers `--version`.
 * @template {import('node:util').ParseArgsOptionsConfig} Options
 * @param {Options} options
 * @param {string} usage
 */
export function optionsOf(options, usage) {
  try {
    const { values } = parseArgs({
      options: { ...options, json: { type: 'boolean' }, help: { type: 'boolean' } },
    });
    if (values.help) {
      process.stdout.write(usage);
      process.exit(0);
    }
    return values;
  } catch (error) {
    return refuse(`${error.message.split('. ')[0]}. --help says what there is.`);
  }
}

/** Ends this process with a sentence that says what to do. */
export function refuse(sentence) {
  process.stderr.write(`${sentence}\n`);
  process.exit(2);
}
