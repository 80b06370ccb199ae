// Starts and stops one Kafka broker (KRaft, loopback only). Plain Node with no dependencies, because it runs before anything
// is installed or built.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { connect, createServer } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { writeConfig } from './kafka.settings.mjs';

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const POM = join(ROOT, 'deploy', 'kafka', 'pom.xml');
const JARS = join(ROOT, '.kafka', 'jars');
const READY_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 15_000;
const QUICK_COMPILER = '-XX:TieredStopAtLevel=1';
const JAVA_HINT = 'Install both with: apt-get install openjdk-17-jre-headless maven';

/**
 * Starts a broker and waits until it answers. `port` 0 or absent picks a free one. The data in `dir` is kept over a restart.
 * `advertisedPort` is where clients are told to connect, when something stands in front of it.
 * `users`: names and passwords, `admin` among them; then only what an ACL allows is done, and a broker that answers may still start.
 * `isBrief`: it lives for one test, so it is compiled quickly instead of well; that halves the CPU that its start takes.
 * @param {{ port?: number, controllerPort?: number, advertisedPort?: number, users?: Record<string, string>, isBrief?: boolean, dir: string }} options
 * @returns {Promise<{ brokers: string, port: number, pid: number, stop(): Promise<void>, kill9(): Promise<void> }>}
 */
export async function startKafka({ port = 0, controllerPort = 0, advertisedPort = 0, users, isBrief, dir }) {
  fetchJars();
  const home = resolve(dir);
  mkdirSync(home, { recursive: true });
  const ports = { client: port || (await freePort()), controller: controllerPort || (await freePort()) };
  ports.advertised = advertisedPort || ports.client;
  const config = writeConfig(home, ports, users);
  formatWhenNew(home, config);
  const log = openSync(join(home, 'kafka.log'), 'a');
  const child = spawn('java', serverArguments(home, config, isBrief), {
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  child.unref();
  const ended = new Promise((done) => child.once('exit', done));
  writeFileSync(pidFile(home), String(child.pid));
  await untilReady(ports.client, child, home, users === undefined ? METADATA : API_VERSIONS);
  return {
    brokers: `127.0.0.1:${ports.client}`,
    port: ports.client,
    pid: child.pid,
    stop: () => endChild(child, 'SIGTERM', ended),
    kill9: () => endChild(child, 'SIGKILL', ended),
  };
}

/**
 * The broker that runs on the data in `dir`, whoever started it.
 * @returns {{ pid: number, brokers: string } | undefined}
 */
export function runningKafka(dir) {
  const home = resolve(dir);
  const pid = runningPid(home);
  if (pid === undefined) return undefined;
  return { pid, brokers: advertisedIn(readFileSync(join(home, 'server.properties'), 'utf8')) };
}

/** @returns {string} */
const advertisedIn = (properties) => /^advertised\.listeners=\w+:\/\/(.*)$/m.exec(properties)[1];

/**
 * Stops the broker recorded in `dir`; false when none runs.
 * @param {string} dir
 * @param {'SIGTERM' | 'SIGKILL'} [signal]
 */
export async function stopKafka(dir, signal = 'SIGTERM') {
  const pid = runningPid(resolve(dir));
  if (pid === undefined) return false;
  process.kill(pid, signal);
  const giveUpAt = Date.now() + STOPPED_WITHIN_MS;
  while (runningPid(resolve(dir)) !== undefined) {
    if (Date.now() > giveUpAt) process.kill(pid, 'SIGKILL');
    await sleep(50);
  }
  rmSync(pidFile(resolve(dir)), { force: true });
  return true;
}

function fetchJars() {
  requireCommand('java', ['-version']);
  if (existsSync(JARS) && readdirSync(JARS).some((name) => name.startsWith('kafka_2.13-'))) return;
  requireCommand('mvn', ['-v']);
  process.stderr.write('fetching Kafka from Maven, once\n');
  const goal = ['dependency:copy-dependencies', '-DincludeScope=runtime', `-DoutputDirectory=${JARS}`];
  const { status } = spawnSync('mvn', ['-q', '-B', '-f', POM, ...goal], { stdio: ['ignore', 2, 2] });
  if (status !== 0) {
    rmSync(JARS, { recursive: true, force: true });
    throw new Error(`mvn could not fetch Kafka (exit ${status}); its messages are above`);
  }
}

function requireCommand(command, args) {
  if (spawnSync(command, args, { stdio: 'ignore' }).error)
    throw new Error(`${command} is missing. ${JAVA_HINT}`);
}

function javaArguments(home) {
  return [`-Dlog4j2.configurationFile=${join(home, 'log4j2.properties')}`, '-cp', join(JARS, '*')];
}

function serverArguments(home, config, isBrief = false) {
  const machine = ['-Xmx512m', '-Xms128m', '-XX:+UseSerialGC', '-XX:+ExitOnOutOfMemoryError'];
  if (isBrief) machine.push(QUICK_COMPILER);
  return [...machine, ...javaArguments(home), 'kafka.Kafka', config];
}

function formatWhenNew(home, config) {
  if (existsSync(join(home, 'data', 'meta.properties'))) return;
  // One argument: an id may start with a dash, and would be taken for an option of its own.
  const clusterId = `--cluster-id=${randomBytes(16).toString('base64url')}`;
  const tool = ['kafka.tools.StorageTool', 'format', clusterId];
  const start = [QUICK_COMPILER, '-XX:+UseSerialGC', ...javaArguments(home)];
  execFileSync('java', [...start, ...tool, '--config', config], { stdio: ['ignore', 'pipe', 'pipe'] });
}

async function untilReady(port, child, home, question) {
  const giveUpAt = Date.now() + READY_WITHIN_MS;
  while (!(await answers(port, question))) {
    const log = join(home, 'kafka.log');
    if (child.exitCode !== null)
      throw new Error(`Kafka ended with ${child.exitCode} at its start; see ${log}`);
    if (Date.now() > giveUpAt)
      throw new Error(`Kafka did not answer within ${READY_WITHIN_MS} ms; see ${log}`);
    await sleep(100);
  }
}

/** Metadata v1 of no topics: lists the brokers. */
const METADATA = Buffer.from('0000000e' + '0003' + '0001' + '00000001' + 'ffff' + '00000000', 'hex');
/** Api versions v0: what a broker answers before anybody has authenticated. */
const API_VERSIONS = Buffer.from('0000000a' + '0012' + '0000' + '00000001' + 'ffff', 'hex');

/** A request that a broker in use answers: a port that accepts is open long before that. */
export function answers(port, question = METADATA) {
  return new Promise((done) => {
    const socket = connect({ host: '127.0.0.1', port });
    const finish = (ready) => {
      socket.destroy();
      done(ready);
    };
    socket.setTimeout(1_000, () => finish(false));
    socket.once('error', () => finish(false));
    socket.once('close', () => done(false));
    socket.once('connect', () => socket.write(question));
    // Shorter is an answer that lists nothing.
    socket.once('data', (data) => finish(data.length > 20));
  });
}

function freePort() {
  return new Promise((done, fail) => {
    const server = createServer().once('error', fail);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
}

async function endChild(child, signal, ended) {
  if (child.exitCode === null && child.signalCode === null) child.kill(signal);
  const insist = setTimeout(() => child.kill('SIGKILL'), STOPPED_WITHIN_MS);
  await ended;
  clearTimeout(insist);
}

const pidFile = (home) => join(home, 'kafka.pid');

/** The recorded pid, if it is still the broker of this directory: a pid may long since be someone else's. */
export function runningPid(home) {
  if (!existsSync(pidFile(home))) return undefined;
  const pid = Number(readFileSync(pidFile(home), 'utf8'));
  const found = spawnSync('ps', ['-ww', '-o', 'stat=,args=', '-p', String(pid)], { encoding: 'utf8' });
  const line = found.error ? procCommand(pid) : found.stdout.trim();
  return !line.startsWith('Z') && line.includes(join(home, 'server.properties')) ? pid : undefined;
}

function procCommand(pid) {
  const path = `/proc/${pid}/cmdline`;
  return existsSync(path) ? readFileSync(path, 'utf8').replaceAll('\0', ' ') : '';
}
