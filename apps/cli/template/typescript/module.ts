import { readFileSync } from 'node:fs';
import type { Module } from '@interlock/module';
import { bookRoom } from './book-room.workflow.ts';
import { roomTools } from './room.tools.ts';

const read = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');
const policies = ['room-reads', 'room-results', 'room-small', 'room-large'];

/** Meeting rooms: whoever needs one says for how many people, and a manager agrees to large parties. */
const rooms: Module = (kit) => ({
  tools: roomTools(kit),
  workflows: [bookRoom],
  policies: policies.map((id) => ({ id, text: read(`policies/${id}.cedar`) })),
});

export default rooms;
