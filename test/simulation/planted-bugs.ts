import type { PlantedBug } from '@interlock/simulation';

export const plantedBugs: readonly PlantedBug[] = [];
