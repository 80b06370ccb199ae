import { runCli } from './program.js';

const { stdout, stderr, env } = process;
// A reader that has seen enough (`| head`) closes the pipe.
stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

process.exitCode = await runCli(process.argv.slice(2), {
  environment: env,
  out: (text) => stdout.write(text),
  error: (text) => stderr.write(text),
  now: Date.now,
  look: {
    columns: stdout.isTTY ? stdout.columns : undefined,
    colour: stdout.isTTY && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb',
  },
});
