export { exitCodes } from './command.js';
export { runCli, type Terminal } from './program.js';
