export { SimulatedCluster, SimulatedProcess } from './simulated.cluster.js';
export { type AppendFaults, type Latencies, noFaults, type World } from './world.js';
