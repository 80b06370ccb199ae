import { type IdPlaces, idPlacesOf, withIds, withSeqs } from './id.places.js';
import { allDefinitions } from './topic.catalogues.js';

/** Where the ids of parts lie, by `type/version`. */
let known: ReadonlyMap<string, IdPlaces> | undefined;

function placesIn(wire: string): IdPlaces | undefined {
  known ??= new Map(
    allDefinitions().flatMap(({ type, version, schema, past }) =>
      [{ version, schema }, ...past].flatMap((one) => {
        const places = idPlacesOf(one.schema);
        return places === undefined ? [] : [[`${type}/${one.version}`, places] as const];
      }),
    ),
  );
  return known.get(wire);
}

/** Data as a record of `run` holds them: of its own ids the seq. */
export function storedData(wire: string, data: unknown, run: string | undefined): unknown {
  const places = run === undefined ? undefined : placesIn(wire);
  return places === undefined || run === undefined ? data : withSeqs(places, data, run);
}

/** Data as everybody reads them, from those of a record of `run`. */
export function readData(wire: string, stored: unknown, run: string | undefined): unknown {
  const places = run === undefined ? undefined : placesIn(wire);
  return places === undefined || run === undefined ? stored : withIds(places, stored, run);
}
