import { valueStoreContract } from './contract/value.store.contract.js';
import { MemoryStore } from './memory.store.js';

valueStoreContract('memory', async () => {
  const store = new MemoryStore();
  return { store, again: () => store };
});
